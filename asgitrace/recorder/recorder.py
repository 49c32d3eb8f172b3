"""The recorder of one process: numbers exchanges and writes what happens in them to a ring."""

import itertools
import traceback
from time import monotonic_ns
from types import CoroutineType
from typing import Final

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.events import Flag, Kind, Outcome, Phase, pack_identity, pack_marks, pack_what
from asgitrace.recorder.capture import CAPTURES, NO_MESSAGE, Captured, capture_other, capture_scope
from asgitrace.recorder.steps import awaiting, proceed
from asgitrace.ring import RingWriter, encode
from asgitrace.ring.codec import describe
from asgitrace.ring.writer import Write

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a body that are kept of each message, unless told otherwise."""

_TRACEBACK_LIMIT: Final = 64 * 1024
_FAULTS_ALLOWED: Final = 100
_CANCELLATIONS: Final = frozenset({"CancelledError", "Cancelled", "GeneratorExit"})

_SCOPE = pack_what(Kind.SCOPE)
_RETURN = pack_what(Kind.RETURN)
_RAISE = pack_what(Kind.RAISE)
_RECEIVE = pack_what(Kind.RECEIVE)
_SEND = pack_what(Kind.SEND)
_CALLED = pack_what(0, Phase.CALLED)
_RETURNED = pack_what(0, Phase.RETURNED)
_LEGACY = pack_marks(0, Flag.LEGACY)


class Recorder:
    """Writes the exchanges of one process to its ring.

    An error in here never reaches the app: it is counted in the ring, and after 100 of them the
    recorder rests."""

    __slots__ = ("_faults", "_numbers", "_write", "_writer", "body_limit")

    def __init__(self, writer: RingWriter, body_limit: int = BODY_LIMIT) -> None:
        self._writer = writer
        self._write = writer.write
        self._numbers = itertools.count(1)
        self._faults = 0
        self.body_limit = body_limit

    @property
    def resting(self) -> bool:
        """True when the recorder gave up after too many errors of its own."""
        return self._faults >= _FAULTS_ALLOWED

    def open(
        self, scope: Scope, receive: Receive, send: Send, *, legacy: bool = False
    ) -> "Exchange | None":
        """Begin an exchange; None where nothing can be recorded."""
        called = monotonic_ns()
        if self._faults >= _FAULTS_ALLOWED:
            return None
        try:
            number = next(self._numbers)
            marks = _LEGACY if legacy else 0
            self._write(_SCOPE, marks, number, called, called, 0, capture_scope(scope))
            return Exchange(self, self._write, number, receive, send)
        except Exception:
            self.fault()
            return None

    def fault(self) -> None:
        """Count an error of the recorder's own."""
        self._faults += 1
        self._writer.count_fault()


class Exchange:
    """One application call: the ``receive`` and ``send`` the app is given, and its end."""

    __slots__ = ("_calls", "_identity", "_limit", "_receive", "_recorder", "_send", "_write")

    def __init__(
        self, recorder: Recorder, write: Write, number: int, receive: Receive, send: Send
    ) -> None:
        self._recorder = recorder
        self._write = write
        self._identity = number
        self._calls = itertools.count(pack_identity(number, 1), pack_identity(0, 1))
        self._limit = recorder.body_limit
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        """The server's ``receive``, recorded."""
        call = next(self._calls)
        what = _RECEIVE
        called = monotonic_ns()
        try:
            coroutine = self._receive()
            if type(coroutine) is not CoroutineType:
                coroutine = awaiting(coroutine)
            yielded = coroutine.send(None)
        except StopIteration as stop:
            message: Message = stop.value
        except BaseException as error:
            self._failed(_RECEIVE, call, called, NO_MESSAGE, error)
            raise
        else:
            what = _RECEIVE | _RETURNED
            self._record(_RECEIVE | _CALLED, call, called, 0, NO_MESSAGE, b"")
            try:
                message = await proceed(coroutine, yielded)
            except BaseException as error:
                self._failed(what, call, called, NO_MESSAGE, error)
                raise
        returned = monotonic_ns()
        try:
            # Straight from the table: a call more per event would be felt.
            code, marks, size, payload = CAPTURES[message["type"]](message, self._limit)
        except Exception:
            code, marks, size, payload = self._other(message)
        try:
            self._write(what | code, marks, call, called, returned, size, payload)
        except Exception:
            self._recorder.fault()
        return message

    async def send(self, message: Message) -> None:
        """The server's ``send``, recorded."""
        call = next(self._calls)
        try:
            # Before the call: the server or a middleware may change the message.
            captured = code, marks, size, payload = CAPTURES[message["type"]](message, self._limit)
        except Exception:
            captured = code, marks, size, payload = self._other(message)
        called = monotonic_ns()
        try:
            coroutine = self._send(message)
            if type(coroutine) is not CoroutineType:
                coroutine = awaiting(coroutine)
            yielded = coroutine.send(None)
        except StopIteration as stop:
            returned = monotonic_ns()
            try:
                self._write(_SEND | code, marks, call, called, returned, size, payload)
            except Exception:
                self._recorder.fault()
            return stop.value  # type: ignore[no-any-return]  # None, but what the server gives is passed on
        except BaseException as error:
            self._record(_SEND | _CALLED, call, called, 0, captured, payload)
            self._failed(_SEND | _RETURNED, call, called, captured, error)
            raise
        self._record(_SEND | _CALLED, call, called, 0, captured, payload)
        try:
            result: None = await proceed(coroutine, yielded)
        except BaseException as error:
            self._failed(_SEND | _RETURNED, call, called, captured, error)
            raise
        self._record(_SEND | _RETURNED, call, called, monotonic_ns(), captured, b"")
        return result

    def returned(self, value: object) -> None:
        """The app returned."""
        now = monotonic_ns()
        try:
            payload = b"" if value is None else encode(describe(value))
            self._write(_RETURN, 0, self._identity, now, now, 0, payload)
        except Exception:
            self._recorder.fault()

    def raised(self, error: BaseException) -> None:
        """The app raised, or was cancelled."""
        now = monotonic_ns()
        self._record(
            _RAISE | _outcome(error),
            self._identity,
            now,
            now,
            NO_MESSAGE,
            _explain(error, full=True),
        )

    def _other(self, message: object) -> Captured:
        try:
            return capture_other(message)
        except Exception:
            self._recorder.fault()
            return NO_MESSAGE

    def _failed(
        self, what: int, call: int, called: int, captured: Captured, error: BaseException
    ) -> None:
        now = monotonic_ns()
        self._record(
            what | _outcome(error), call, called, now, captured, _explain(error, full=False)
        )

    def _record(
        self, what: int, call: int, called: int, returned: int, captured: Captured, payload: bytes
    ) -> None:
        code, marks, size, _ = captured
        try:
            self._write(what | code, marks, call, called, returned, size, payload)
        except Exception:
            self._recorder.fault()


def _outcome(error: BaseException) -> int:
    # By name, since asyncio and trio each have their own and neither is to be imported for it.
    cancelled = type(error).__name__ in _CANCELLATIONS
    return pack_what(0, outcome=Outcome.CANCELLED if cancelled else Outcome.RAISED)


def _explain(error: BaseException, *, full: bool) -> bytes:
    """An exception as a payload; never raises, whatever its ``__str__`` does."""
    kind = type(error)
    explained = {"type": kind.__qualname__, "module": kind.__module__}
    try:
        explained["message"] = str(error)[:_TRACEBACK_LIMIT]
        if full:
            text = "".join(traceback.format_exception(error))
            # The end names the error; of a very long one the middle is what can be spared.
            half = _TRACEBACK_LIMIT // 2
            explained["traceback"] = (
                text if len(text) <= 2 * half else text[:half] + "\n…\n" + text[-half:]
            )
        return encode(explained)
    except Exception:
        return encode({**explained, "message": describe(error), "traceback": ""})
