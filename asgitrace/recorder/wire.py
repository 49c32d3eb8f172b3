"""Wire events as records of the ring, beside the calls of the exchange they belong to."""

import itertools
from time import monotonic_ns
from typing import Any, Final

from asgitrace.events import Flag, Kind, Phase, pack_identity, pack_marks, pack_what
from asgitrace.recorder.recorder import Recorder, write_nothing
from asgitrace.ring import encode
from asgitrace.wire import Wire

_NUMBERS: Final = 2**32 - 1
_AWAITED_KEPT: Final = 4096
"""Of what a socket is yet to accept, how much is remembered whose it is."""

_MOST: Final = 2**16 - 1
_MORE: Final = int(Flag.MORE)
_TRUNCATED: Final = int(Flag.TRUNCATED)
_WHAT: Final = {what: pack_what(Kind.WIRE, message=what) for what in Wire}
_CALLED: Final = pack_what(0, Phase.CALLED)
_RETURNED: Final = pack_what(0, Phase.RETURNED)


class WireRecorder:
    """Makes the logs of a server's connections; see `WireLog`."""

    __slots__ = ("_numbers", "_raw", "_recorder")

    def __init__(self, recorder: Recorder, *, raw: bool = False) -> None:
        self._recorder = recorder
        self._raw = raw
        self._numbers = itertools.count()

    def connection(self) -> "RecordedConnection":
        """The log of a new connection, which has the next number."""
        number = next(self._numbers) % _NUMBERS + 1
        return RecordedConnection(self._recorder, number, self._raw)


class RecordedConnection:
    """Writes the events of one connection to the ring; see `ConnectionLog`."""

    __slots__ = ("_awaited", "_connection", "_identity", "_limit", "_recorder", "_write", "raw")

    def __init__(self, recorder: Recorder, number: int, raw: bool) -> None:
        self.raw = raw
        self._recorder = recorder
        self._write = recorder.write
        self._limit = recorder.body_limit
        self._connection = pack_identity(0, number)
        self._identity = self._connection
        # By when it was made, whose it is: the socket may accept the end of a response when the
        # exchange is over.
        self._awaited: dict[int, int] = {}

    def begin(self) -> int:
        """See `ConnectionLog`."""
        exchange = self._recorder.reserve()
        self._identity = self._connection | exchange
        return exchange

    def call(self, exchange: int) -> None:
        """See `ConnectionLog`."""
        self._recorder.expect(exchange)

    def end(self) -> None:
        """See `ConnectionLog`."""
        self._identity = self._connection

    def tell(
        self,
        what: Wire,
        size: int = 0,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        """See `ConnectionLog`."""
        now = monotonic_ns()
        if content is not None and "data" in content:
            self.sent(what, now, now, size, number, content, more=more)
            return
        try:
            # As `sent` does it, without a call more: most events are told here.
            marks = number if number <= _MOST else _MOST
            if more:
                marks |= _MORE << 16
            payload = encode(content) if content is not None else b""
            self._write(_WHAT[what], marks, self._identity, now, now, size, payload)
        except Exception:
            self._fault()

    def sent(
        self,
        what: Wire,
        made: int,
        accepted: int,
        size: int,
        number: int = 0,
        content: dict[str, Any] | None = None,
        *,
        more: bool = False,
    ) -> None:
        """See `ConnectionLog`."""
        try:
            marks = number if number <= _MOST else _MOST
            if more:
                marks |= _MORE << 16
            payload = b""
            if content is not None:
                data = content.get("data")
                if data is not None and len(data) > self._limit:
                    content = {**content, "data": data[: self._limit]}
                    marks |= pack_marks(0, _TRUNCATED)
                payload = encode(content)
            kind = _WHAT[what]
            if not accepted:
                kind |= _CALLED
                if len(self._awaited) < _AWAITED_KEPT:
                    self._awaited[made] = self._identity
            self._write(kind, marks, self._identity, made, accepted, size, payload)
        except Exception:
            self._fault()

    def accepted(self, what: Wire, made: int, size: int, number: int = 0) -> None:
        """See `ConnectionLog`."""
        try:
            identity = self._awaited.pop(made, self._identity)
            kind = _WHAT[what] | _RETURNED
            self._write(kind, number, identity, made, monotonic_ns(), size, b"")
        except Exception:
            self._fault()

    def _fault(self) -> None:
        self._recorder.fault()
        if self._recorder.resting:
            self._write = write_nothing
