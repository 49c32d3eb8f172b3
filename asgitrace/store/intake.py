"""What records of the wire tell besides their exchange's events: of connections, and of requests
that the app never saw."""

from typing import Final

from asgitrace.events import HEADER
from asgitrace.store.connections import Connections, Known
from asgitrace.store.entry import Entry
from asgitrace.wire import OUTBOUND, Wire

_OPENED, _CLOSED, _REFUSED = int(Wire.OPENED), int(Wire.CLOSED), int(Wire.REFUSED)
_REQUEST: Final = int(Wire.REQUEST)
_INBOUND: Final = {Wire.REQUEST, Wire.REQUEST_BODY, Wire.FRAME_IN}

TELLING_MARKS: Final = bytes(code in (_OPENED, _CLOSED, _REQUEST, _REFUSED) for code in range(256))
"""For each code of the wire whether it tells more than its size."""

OUT_MARKS: Final = bytes(code in OUTBOUND - {Wire.BYTES_OUT} for code in range(256))
"""For each code of the wire whether its size is of what was sent."""

FRAME_MARKS: Final = bytes(code in (Wire.FRAME_IN, Wire.FRAME_OUT) for code in range(256))
"""For each code of the wire whether it is a frame."""

IN_MARKS: Final = bytes(code in _INBOUND for code in range(256))
"""For each code of the wire whether its size is of what was received."""


class WireIntake:
    """Takes the events of one process's wire to its connections and to the exchanges' entries.

    Args:
        source: the process.
        connections: those of all processes.
        entries: of the process, by exchange.
        touched: where entries are put that changed.
    """

    def __init__(
        self,
        source: int,
        connections: Connections,
        entries: dict[int, Entry],
        touched: list[Entry],
    ) -> None:
        self._source = source
        self._connections = connections
        self._entries = entries
        self._touched = touched

    def meet(self, entry: Entry, number: int) -> Known:
        """The connection of an exchange, at its first event of the wire."""
        known = entry.known = self._connections.of(self._source, number)
        entry.connection = number
        if not entry.scoped:
            known.reading = entry.exchange
        return known

    def tell(
        self, entry: Entry, known: Known, message: int, called: int, number: int, payload: bytes
    ) -> None:
        """Something happened in an exchange that tells more than its size."""
        if message == _REQUEST:
            known.requests = max(known.requests + 1, number)
            if not entry.scoped:
                entry.head = payload
        elif message == _REFUSED:
            if not entry.scoped:
                entry.refuse(called, number)
        else:
            known = entry.known = self._connect(message, known.number, called, payload)
            if message == _CLOSED:
                known.within = entry.exchange, entry.last

    def alone(self, message: int, call: int, called: int, returned: int, payload: bytes) -> Known:
        """Something happened on a connection that belongs to no exchange that is there."""
        known = self._connect(message, call, called, payload)
        known.at = returned or called
        return known

    def keep(self, known: Known, fields: tuple[int, ...], payload: bytes) -> None:
        """Keep the record of it, given by the fields of its header."""
        self._connections.keep(known, HEADER.pack(*fields) + payload)

    def _connect(self, message: int, number: int, called: int, payload: bytes) -> Known:
        """Something happened to a connection, which is returned."""
        if message == _OPENED:
            return self._connections.opened(self._source, number, called, payload)
        if message != _CLOSED:
            return self._connections.of(self._source, number)
        known = self._connections.closed(self._source, number, called, payload)
        # The rest of a request that it was bringing will not come.
        entry = self._entries.get(known.reading)
        if entry is not None and not entry.scoped:
            entry.refuse(called, entry.status)
            if not entry.touched:
                entry.touched = True
                self._touched.append(entry)
        return known
