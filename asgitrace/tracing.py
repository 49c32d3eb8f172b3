"""``asgitrace.trace``: the wrapper with options from its caller and from the environment."""

import logging
import os
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeVar

from asgitrace.asgi import App, LegacyApp
from asgitrace.errors import OptionError
from asgitrace.recorder import RING_SIZE, Sampler, Trace
from asgitrace.ring.layout import Layout
from asgitrace.sampling import sampler
from asgitrace.sizes import parse_size

_SWITCH: Final = "ASGITRACE"
_WORDS: Final = {
    **dict.fromkeys(("0", "off", "no", "false"), False),
    **dict.fromkeys(("1", "on", "yes", "true"), True),
}

A = TypeVar("A", bound=App | LegacyApp)


def trace(
    app: A,
    *,
    body_limit: int | None = None,
    buffer: int | None = None,
    sample: float | str | None = None,
    keep_errors: bool | None = None,
) -> "A | Trace":
    """Wrap an ASGI application so that what crosses its boundary is recorded.

    Each option that is not given is that of the environment, where it is set and can be used, and
    else the default. Where ``ASGITRACE`` is 0, off, no or false, ``app`` itself is returned.

    Args:
        app: the ASGI 3 application, or an ASGI 2 double callable.
        body_limit: bytes of a body that are kept of each message (``ASGITRACE_BODY_LIMIT``, as
            ``64KiB``; 64 KiB).
        buffer: bytes of the ring of this process (``ASGITRACE_BUFFER``; 64 MiB).
        sample: which exchanges are recorded: a share, as ``0.01``, or a filter over what is known
            when the app is called, as ``"path:/api -path:/health"`` (``ASGITRACE_SAMPLE``; all).
        keep_errors: whether exchanges that are not chosen are recorded all the same when the app
            raises, answers with a status of 500 or more, or closes a WebSocket with 1011
            (``ASGITRACE_KEEP_ERRORS``; no).

    Raises OptionError, RingError (of ``buffer``) or FilterError (of ``sample``) for what cannot be
    used; of what the environment says there is only a warning.
    """
    if not _of_environment(_SWITCH, _switch, True):
        return app
    if body_limit is None:
        body_limit = _of_environment("ASGITRACE_BODY_LIMIT", parse_size, None)
    if buffer is None:
        buffer = _of_environment("ASGITRACE_BUFFER", _ring_size, RING_SIZE)
    Layout.check_size(buffer)
    if keep_errors is None:
        keep_errors = _of_environment("ASGITRACE_KEEP_ERRORS", _switch, False)
    return Trace(
        app,
        body_limit=body_limit,
        buffer=buffer,
        sample=_chosen_by(sample),
        keep_errors=keep_errors,
    )


def _chosen_by(sample: float | str | None) -> Sampler | None:
    if sample is not None:
        return sampler(sample)
    chosen: Sampler | None = _of_environment("ASGITRACE_SAMPLE", sampler, None)
    return chosen


def _of_environment(name: str, read: Callable[[str], Any], default: Any) -> Any:
    """An option of the environment; the default where it is not set or cannot be used."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    found = _read(name, text, read)
    return default if found is _UNUSABLE else found


_UNUSABLE: Final = object()


@cache
def _read(name: str, text: str, read: Callable[[str], Any]) -> Any:
    """Once for each value, so that one which cannot be used is told once."""
    try:
        return read(text)
    except Exception as error:
        # Not only errors of ours: a number may have more digits than Python reads, and numpy, for a
        # filter, may be unfit for this Python.
        logging.getLogger("asgitrace").warning("%s is not used: %s", name, error)
        return _UNUSABLE


def _switch(text: str) -> bool:
    found = _WORDS.get(text.lower())
    if found is None:
        raise OptionError(f"{text!r} is neither 1, on, yes, true nor 0, off, no, false.")
    return found


def _ring_size(text: str) -> int:
    size = parse_size(text)
    Layout.check_size(size)
    return size
