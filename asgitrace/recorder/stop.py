"""The record of the time that an app stood still in a debugger."""

from time import monotonic_ns
from typing import Final

from asgitrace.events import Kind, pack_identity, pack_marks, pack_what
from asgitrace.recorder.recorder import Recorder
from asgitrace.ring import encode
from asgitrace.ring.codec import clean

_DEBUGGER: Final = pack_what(Kind.DEBUGGER)
_HELD: Final = pack_marks(1, 0)


def record_stop(
    recorder: Recorder, number: int, exchange: int, called: int, place: str, *, held: bool
) -> None:
    """A debugger had the app from ``called`` (monotonic ns) until now.

    Args:
        number: of the stop in its process, from 1.
        exchange: the one whose code stood there; 0 where it was none.
        place: file, line and function.
        held: the event loop stood too, and with it all other exchanges.
    """
    try:
        payload = encode({"place": clean(place)}) if place else b""
        marks = _HELD if held else 0
        identity = pack_identity(exchange, number)
        recorder.write(_DEBUGGER, marks, identity, called, monotonic_ns(), 0, payload)
    except Exception:
        recorder.fault()
