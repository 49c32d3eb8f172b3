"""The recorder of one process: numbers exchanges and writes what happens in them to a ring."""

import contextlib
import itertools
from collections.abc import Callable
from time import monotonic_ns
from types import CoroutineType
from typing import Final

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.events import Flag, Kind, Outcome, Phase, pack_identity, pack_marks, pack_what
from asgitrace.recorder.capture import CAPTURES, NO_MESSAGE, Captured, capture_other
from asgitrace.recorder.failures import explain, members
from asgitrace.recorder.held import Held, HeldBack
from asgitrace.recorder.scope import capture_scope
from asgitrace.recorder.steps import awaiting, proceed
from asgitrace.ring import RingWriter, encode
from asgitrace.ring.codec import describe, name_of
from asgitrace.ring.writer import Write

BODY_LIMIT: Final = 64 * 1024
"""Bytes of a body that are kept of each message, unless told otherwise."""

_FAULTS_ALLOWED: Final = 100
_GROUPS_DEEP: Final = 50
_CANCELLATIONS: Final = frozenset({"CancelledError", "Cancelled", "GeneratorExit"})
"""By name, since asyncio and trio each have their own and neither is to be imported for it."""

_NUMBERS: Final = 2**32 - 1
"""Exchanges have this many numbers, and calls of an exchange too; then they start again."""

_SCOPE = pack_what(Kind.SCOPE)
_RETURN = pack_what(Kind.RETURN)
_RAISE = pack_what(Kind.RAISE)
_RECEIVE = pack_what(Kind.RECEIVE)
_SEND = pack_what(Kind.SEND)
_RECEIVE_CALLED = pack_what(Kind.RECEIVE, Phase.CALLED)
_RECEIVE_RETURNED = pack_what(Kind.RECEIVE, Phase.RETURNED)
_SEND_CALLED = pack_what(Kind.SEND, Phase.CALLED)
_SEND_RETURNED = pack_what(Kind.SEND, Phase.RETURNED)
_LEGACY = pack_marks(0, Flag.LEGACY)
_ONE_CALL = pack_identity(0, 1)


class Recorder:
    """Writes the exchanges of one process to its ring.

    An error in here never reaches the app: it is counted in the ring, and after 100 of them the
    recorder rests.

    Args:
        writer: of the ring.
        body_limit: bytes of a body that are kept of each message.
        entered: is told the number of each exchange, in the task that is about to call the app.
    """

    __slots__ = (
        "_entered",
        "_expected",
        "_faults",
        "_held_back",
        "_numbers",
        "_writer",
        "body_limit",
        "write",
    )

    def __init__(
        self,
        writer: RingWriter,
        body_limit: int = BODY_LIMIT,
        entered: Callable[[int], object] | None = None,
    ) -> None:
        self._writer = writer
        self._held_back = HeldBack(writer)
        self._entered = entered
        self.write = writer.write
        self._numbers = itertools.count()
        self._expected = 0
        self._faults = 0
        self.body_limit = body_limit

    @property
    def resting(self) -> bool:
        """True when the recorder gave up after too many errors of its own."""
        return self._faults >= _FAULTS_ALLOWED

    def open(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        legacy: bool = False,
        body_limit: int | None = None,
        hold: bool = False,
    ) -> "Exchange | None":
        """Begin an exchange, with the recorder's ``body_limit`` unless it has its own; None where
        nothing can be recorded. What is to be held back is written only if the exchange fails."""
        called = monotonic_ns()
        if self._faults >= _FAULTS_ALLOWED:
            return None
        try:
            number = self._expected or next(self._numbers) % _NUMBERS + 1
            self._expected = 0
            marks = _LEGACY if legacy else 0
            write = Held(self._held_back).write if hold else self.write
            write(_SCOPE, marks, number, called, called, 0, capture_scope(scope))
            if self._entered is not None:
                self._entered(number)
            limit = self.body_limit if body_limit is None else body_limit
            return Exchange(self, write, number, limit, receive, send)
        except Exception:
            self.fault()
            return None

    def leave_out(self) -> None:
        """The exchange that would have been opened is not recorded: sampling left it out."""
        self._expected = 0
        self._writer.count_unsampled()

    def count_sampled(self) -> None:
        """The exchange to be opened was chosen by sampling."""
        self._writer.count_sampled()

    def reserve(self) -> int:
        """A number for an exchange to come, whose request is being read."""
        return next(self._numbers) % _NUMBERS + 1

    def expect(self, number: int) -> None:
        """The next exchange to be opened has this number. The caller calls the app at once, before
        any other can."""
        self._expected = number

    def fault(self) -> None:
        """Count an error of the recorder's own."""
        self._faults += 1
        # Not even what counts may fail: the mapping may have been closed.
        with contextlib.suppress(Exception):
            self._writer.count_fault()


class Exchange:
    """One application call: the ``receive`` and ``send`` the app is given, and its end."""

    __slots__ = ("_calls", "_identity", "_limit", "_receive", "_recorder", "_send", "_write")

    def __init__(
        self,
        recorder: Recorder,
        write: Write,
        number: int,
        limit: int,
        receive: Receive,
        send: Send,
    ) -> None:
        self._recorder = recorder
        self._write = write
        self._identity = number
        self._calls = _count_calls(number)
        self._limit = limit
        self._receive = receive
        self._send = send

    @property
    def number(self) -> int:
        """Its number in the process."""
        return self._identity

    def count_calls(self) -> int:
        """How many calls of ``receive`` and ``send`` there were; to be asked once, at the end."""
        return (next(self._calls) - self._identity) // _ONE_CALL - 1

    async def receive(self) -> Message:
        """The server's ``receive``, recorded."""
        call = next(self._calls)
        what = _RECEIVE
        called = monotonic_ns()
        try:
            coroutine = self._receive()
            if type(coroutine) is not CoroutineType:
                coroutine = awaiting(coroutine)
        except BaseException as error:
            self._failed(_RECEIVE, call, called, NO_MESSAGE, error)
            raise
        try:
            yielded = coroutine.send(None)
        except StopIteration as stop:
            message: Message = stop.value
        except BaseException as error:
            self._failed(_RECEIVE, call, called, NO_MESSAGE, error)
            raise
        else:
            what = _RECEIVE_RETURNED
            try:
                self._write(_RECEIVE_CALLED, 0, call, called, 0, 0, b"")
            except Exception:
                self._fault()
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
            self._fault()
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
        except BaseException as error:
            self._send_failed(call, called, captured, error)
            raise
        try:
            yielded = coroutine.send(None)
        except StopIteration as stop:
            returned = monotonic_ns()
            try:
                self._write(_SEND | code, marks, call, called, returned, size, payload)
            except Exception:
                self._fault()
            return stop.value  # type: ignore[no-any-return]  # None, but what the server gives is passed on
        except BaseException as error:
            self._send_failed(call, called, captured, error)
            raise
        try:
            self._write(_SEND_CALLED | code, marks, call, called, 0, size, payload)
        except Exception:
            self._fault()
        try:
            result: None = await proceed(coroutine, yielded)
        except BaseException as error:
            self._failed(_SEND_RETURNED, call, called, captured, error)
            raise
        returned = monotonic_ns()
        try:
            self._write(_SEND_RETURNED | code, marks, call, called, returned, size, b"")
        except Exception:
            self._fault()
        return result

    def returned(self, value: object) -> None:
        """The app returned."""
        now = monotonic_ns()
        try:
            payload = b"" if value is None else encode(describe(value))
            self._write(_RETURN, 0, self._identity, now, now, 0, payload)
        except Exception:
            self._fault()

    def raised(self, error: BaseException) -> None:
        """The app raised, or was cancelled."""
        now = monotonic_ns()
        self._ended(_RAISE, self._identity, now, now, NO_MESSAGE, error)

    def _other(self, message: object) -> Captured:
        try:
            return capture_other(message, self._limit)
        except Exception:
            self._fault()
            return NO_MESSAGE

    def _send_failed(
        self, call: int, called: int, captured: Captured, error: BaseException
    ) -> None:
        # Two records, though it did not suspend: the message takes the payload of one, the error
        # that of the other.
        self._record(_SEND_CALLED, call, called, 0, captured, captured[3])
        self._failed(_SEND_RETURNED, call, called, captured, error)

    def _failed(
        self, what: int, call: int, called: int, captured: Captured, error: BaseException
    ) -> None:
        self._ended(what, call, called, monotonic_ns(), captured, error)

    def _ended(
        self,
        what: int,
        call: int,
        called: int,
        returned: int,
        captured: Captured,
        error: BaseException,
    ) -> None:
        try:
            payload = explain(error, full=what == _RAISE)
            outcome = _outcome(error)
        except Exception:
            self._fault()
            payload, outcome = b"", pack_what(0, outcome=Outcome.RAISED)
        self._record(what | outcome, call, called, returned, captured, payload)

    def _record(
        self, what: int, call: int, called: int, returned: int, captured: Captured, payload: bytes
    ) -> None:
        code, marks, size, _ = captured
        try:
            self._write(what | code, marks, call, called, returned, size, payload)
        except Exception:
            self._fault()

    def _fault(self) -> None:
        self._recorder.fault()
        if self._recorder.resting:
            self._write = write_nothing
        if next(self._calls) > pack_identity(_NUMBERS, _NUMBERS):
            self._calls = _count_calls(self._identity)


def _count_calls(exchange: int) -> "itertools.count[int]":
    """The identities of an exchange's calls, one after the other."""
    return itertools.count(exchange | _ONE_CALL, _ONE_CALL)


def write_nothing(
    what: int, marks: int, identity: int, called: int, returned: int, size: int, payload: bytes
) -> None:
    """In place of a writer, while the recorder rests."""


def _outcome(error: BaseException) -> int:
    outcome = Outcome.CANCELLED if _is_cancellation(error, _GROUPS_DEEP) else Outcome.RAISED
    return pack_what(0, outcome=outcome)


def _is_cancellation(error: BaseException, deep: int) -> bool:
    if issubclass(type(error), Exception) or not deep:
        return False
    if issubclass(type(error), BaseExceptionGroup):
        # What a nursery of trio makes of the cancellation of its tasks.
        return all(_is_cancellation(one, deep - 1) for one in members(error))
    return any(name_of(kind) in _CANCELLATIONS for kind in type(error).__mro__)
