"""Records of an exchange that is recorded only if it fails: held back in memory until it does."""

from typing import TYPE_CHECKING, Final

from asgitrace.events import (
    MESSAGE_CODES,
    Flag,
    Kind,
    Outcome,
    Phase,
    pack_marks,
    pack_what,
)
from asgitrace.ring import RingWriter

if TYPE_CHECKING:
    from asgitrace.ring.writer import Fields, Write

EXCHANGE_LIMIT: Final = 256 * 1024
"""Bytes that are held of one exchange; of what comes later only the headers are."""
PROCESS_LIMIT: Final = 32 * 1024 * 1024
"""Bytes that all exchanges of a process hold together; then as many again for headers alone."""
RECORDS_LIMIT: Final = 2_048
"""Records that are held of one exchange; later ones are counted as refused."""

_RECORD: Final = 256
"""Bytes of a record besides its payload, as Python has them."""
_SERVER_ERROR: Final = 500
_INTERNAL_ERROR: Final = 1011
"""Close code of a WebSocket whose server failed, RFC 6455 section 7.4.1."""

_NUMBER: Final = pack_marks(0xFFFF, 0)
_OVERSIZE: Final = pack_marks(0, Flag.OVERSIZE)
_RETURN: Final = pack_what(Kind.RETURN)
_RAISE: Final = pack_what(Kind.RAISE, outcome=Outcome.RAISED)
_CANCEL: Final = pack_what(Kind.RAISE, outcome=Outcome.CANCELLED)
_ANSWERS: Final = frozenset(
    pack_what(Kind.SEND, phase, message=MESSAGE_CODES[name])
    for phase in (Phase.WHOLE, Phase.CALLED)
    for name in ("http.response.start", "websocket.http.response.start")
)
_CLOSES: Final = frozenset(
    pack_what(Kind.SEND, phase, message=MESSAGE_CODES["websocket.close"])
    for phase in (Phase.WHOLE, Phase.CALLED)
)


class HeldBack:
    """How many bytes are held back in a process, and where they go in the end."""

    __slots__ = ("bytes_held", "write", "writer")

    def __init__(self, writer: RingWriter) -> None:
        self.writer = writer
        self.write: Write = writer.write
        self.bytes_held = 0


class Held:
    """Takes the records of one exchange in place of the ring. When it turns out that the exchange
    fails they are written, and so are those that follow; when it ends well they are forgotten.

    It fails where the app raises, other than by cancellation, answers with a status of 500 or more,
    or closes its WebSocket with 1011.
    """

    __slots__ = ("_bytes", "_common", "_failed", "_records", "_refused")

    def __init__(self, common: HeldBack) -> None:
        self._common = common
        self._records: list[Fields] = []
        self._bytes = 0
        self._refused = 0
        self._failed = False

    def write(
        self,
        what: int,
        marks: int,
        identity: int,
        called: int,
        returned: int,
        size: int,
        payload: bytes,
    ) -> None:
        """As the ring's; see `Write`."""
        if self._failed:
            self._common.write(what, marks, identity, called, returned, size, payload)
            return
        if what in (_RETURN, _CANCEL):
            self._forget()
            self._common.writer.count_unsampled()
            return
        common, cost = self._common, len(payload) + _RECORD
        fails = (what == _RAISE or marks & _NUMBER >= _SERVER_ERROR) and _fails(what, marks)
        full = self._bytes + cost > EXCHANGE_LIMIT or common.bytes_held + cost > PROCESS_LIMIT
        if full and not fails:
            payload, marks, cost = b"", marks | _OVERSIZE, _RECORD
        room = len(self._records) < RECORDS_LIMIT and common.bytes_held + cost <= 2 * PROCESS_LIMIT
        if fails or room:
            self._bytes += cost
            common.bytes_held += cost
            self._records.append((what, marks, identity, called, returned, size, payload))
        else:
            self._refused += 1
        if fails:
            self._fail()

    def _fail(self) -> None:
        self._failed = True
        records = self._records
        self._forget()
        self._common.writer.count_sampled()
        if self._refused:
            self._common.writer.count_refused(self._refused)
        for fields in records:
            self._common.write(*fields)

    def _forget(self) -> None:
        self._common.bytes_held -= self._bytes
        self._records, self._bytes = [], 0


def _fails(what: int, marks: int) -> bool:
    closes = marks & _NUMBER == _INTERNAL_ERROR and what in _CLOSES
    return what == _RAISE or what in _ANSWERS or closes
