"""The columns of the list under their names, for filtering and sorting."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from asgitrace.store.columns import Array
from asgitrace.store.model import Origin, Process, State
from asgitrace.store.rows import PARTS, Rows

Chosen = slice | npt.NDArray[np.int64] | npt.NDArray[np.bool_]
"""Some of the rows, by their positions or as a mask."""

_ALL = slice(None)


class Listing:
    """Columns as numpy arrays with one place for each row, in the order of ``numbers``.

    They are views: valid until the store's next change. Times are in ns, sizes in bytes.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows.columns)

    def __contains__(self, number: int) -> bool:
        return self._rows.columns.place(number) is not None

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The numbers of the rows, ascending."""
        return self._rows.columns.column("number")

    @property
    def kind(self) -> Array:
        """RowKind."""
        return self._rows.columns.column("kind")

    @property
    def state(self) -> Array:
        """State."""
        return self._rows.columns.column("state")

    @property
    def status(self) -> Array:
        """HTTP status, close code or exit status; 0 while there is none."""
        return self._rows.columns.column("status")

    @property
    def method(self) -> Array:
        """Number in ``methods``."""
        return self._rows.columns.column("method")

    @property
    def path(self) -> Array:
        """Number in ``paths``."""
        return self._rows.columns.column("path")

    @property
    def source(self) -> Array:
        """Number of the process, -1 for a note on none."""
        return self._rows.columns.column("source")

    @property
    def exchange_numbers(self) -> Array:
        """Number of the exchange in its process, from 1; 0 for a note."""
        return self._rows.columns.column("exchange")

    @property
    def first(self) -> Array:
        """Sequence of the first record."""
        return self._rows.columns.column("first")

    @property
    def pending(self) -> Array:
        """1 while a ``receive`` is pending, 2 while a ``send`` is, else 0."""
        return self._rows.columns.column("pending")

    @property
    def received(self) -> Array:
        """Bytes received."""
        return self._rows.columns.column("received")

    @property
    def sent(self) -> Array:
        """Bytes sent."""
        return self._rows.columns.column("sent")

    @property
    def events(self) -> Array:
        """Events ever taken in."""
        return self._rows.columns.column("events")

    @property
    def missed(self) -> Array:
        """Events that are missing, or may be; see ``Store.exchange``."""
        return self._rows.columns.column("missed")

    @property
    def weight(self) -> Array:
        """Bytes of the records: it changes with all that is taken in of an exchange."""
        return self._rows.columns.column("weight")

    @property
    def started(self) -> Array:
        """Wall time of the scope, since the epoch."""
        return self._rows.columns.column("started")

    @property
    def ttfb(self) -> Array:
        """From the scope to the call that sent the start of the response or accepted the WebSocket;
        -1 where there was none."""
        return self._rows.columns.column("ttfb")

    @property
    def client(self) -> Array:
        """Number in ``clients``."""
        return self._rows.columns.column("client")

    @property
    def mime(self) -> Array:
        """Number in ``mimes``."""
        return self._rows.columns.column("mime")

    @property
    def origin(self) -> Array:
        """Number in ``origins``."""
        return self._rows.columns.column("origin")

    @property
    def connection(self) -> Array:
        """Number of the connection in its process, from 1; 0 where the wire was not recorded."""
        return self._rows.columns.column("connection")

    @property
    def seen(self) -> npt.NDArray[np.uint32]:
        """The types of the messages of ``receive`` and ``send``: a bit for each of MESSAGE_CODES,
        and bit 0 for those that the specification does not know."""
        return self._rows.columns.column("seen")

    def durations(self, now: int, chosen: Chosen = _ALL) -> npt.NDArray[np.int64]:
        """The sums of the four parts of Split, up to ``now`` for open exchanges; as fresh arrays,
        like all that depends on ``now``, of the chosen rows."""
        found: npt.NDArray[np.int64] = self._rows.columns.column("duration")[chosen].copy()
        opened, past = self._passed(now, chosen)
        found[opened] += past
        return found

    def parts(self, name: str, now: int, chosen: Chosen = _ALL) -> npt.NDArray[np.int64]:
        """One part of Split: ``app``, ``client``, ``backpressure`` or ``after``."""
        found = self._part(name, chosen)
        opened, past = self._passed(now, chosen)
        ours = self._rows.columns.column("part")[chosen][opened] == PARTS[name]
        found[opened[ours]] += past[ours]
        return found

    def ages(self, now: int, chosen: Chosen = _ALL) -> npt.NDArray[np.int64]:
        """How long ago the exchange began; 0 where that is yet to come."""
        return np.maximum(now - self._monotonic(chosen), 0)

    def idles(self, now: int, chosen: Chosen = _ALL) -> npt.NDArray[np.int64]:
        """How long ago the exchange had its last event, those of the wire not counted."""
        lasted = self._rows.columns.column("duration")[chosen]
        return np.maximum(now - self._monotonic(chosen) - lasted, 0)

    def _part(self, name: str, chosen: Chosen) -> npt.NDArray[np.int64]:
        """A part as of the exchanges' last events; the app's is what the others leave."""
        columns = self._rows.columns
        if name != "app":
            return columns.span(f"{name}_ns")[chosen].copy()
        found: npt.NDArray[np.int64] = columns.column("duration")[chosen].copy()
        for other in PARTS:
            if other != "app":
                found -= columns.span(f"{other}_ns")[chosen]
        return found

    def _passed(self, now: int, chosen: Chosen) -> tuple[npt.NDArray[np.int64], Array]:
        """The open ones among the chosen rows, and the time since their last event."""
        opened = np.flatnonzero(self._rows.columns.column("state")[chosen] == State.OPEN)
        return opened, self.idles(now, self._positions(chosen, opened))

    def _positions(self, chosen: Chosen, some: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where some of the chosen rows lie."""
        if chosen is _ALL or not len(some):
            return some
        if isinstance(chosen, slice) or chosen.dtype == np.bool_:
            return np.arange(len(self))[chosen][some]
        return chosen[some].astype(np.int64)

    def _monotonic(self, chosen: Chosen) -> npt.NDArray[np.int64]:
        """When the rows began by the clocks of their processes; a note on none goes by the first
        one's."""
        offsets = [process.anchor.wall(0) for process in self._rows.processes] or [0]
        sources = self._rows.columns.column("source")[chosen]
        began: npt.NDArray[np.int64] = (
            self._rows.columns.column("started")[chosen]
            - np.array([*offsets, offsets[0]], np.int64)[sources]
        )
        return began

    @property
    def processes(self) -> Sequence[Process]:
        """All processes, by their source number. They are never taken away."""
        return self._rows.processes

    @property
    def methods(self) -> Sequence[str]:
        """The distinct methods, by number; empty where one is out of use."""
        return self._rows.methods.table

    @property
    def paths(self) -> Sequence[str]:
        """The distinct paths, by number; empty where one is out of use."""
        return self._rows.paths.table

    @property
    def clients(self) -> Sequence[str]:
        """The distinct hosts of clients, without their ports, by number; empty likewise, and for a
        scope that has none."""
        return self._rows.clients.table

    @property
    def mimes(self) -> Sequence[str]:
        """The distinct content types of responses, without parameters and in lower case, by number;
        empty likewise, and for a response that has none."""
        return self._rows.mimes.table

    @property
    def origins(self) -> Sequence[Origin]:
        """The distinct origins, by number; empty likewise."""
        return self._rows.origins.table

    @property
    def string_epoch(self) -> tuple[int, ...]:
        """While it is the same, the numbers of methods, paths, clients, mimes and origins keep
        their meaning.

        New ones come at the end then, so what was found out about a number stays true.
        """
        return self._rows.string_epoch
