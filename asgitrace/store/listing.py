"""The columns of the list under their names, for filtering and sorting."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from asgitrace.store.columns import Array
from asgitrace.store.rows import Rows


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
    def started(self) -> Array:
        """Wall time of the scope, since the epoch."""
        return self._rows.columns.column("started")

    @property
    def duration(self) -> Array:
        """The sum of the four parts; for open exchanges as of the last event or ``refresh``."""
        return self._rows.columns.column("duration")

    @property
    def app(self) -> Array:
        """See Split, as the next three."""
        return self._rows.columns.column("app")

    @property
    def client(self) -> Array:
        return self._rows.columns.column("client")

    @property
    def backpressure(self) -> Array:
        return self._rows.columns.column("backpressure")

    @property
    def after(self) -> Array:
        return self._rows.columns.column("after")

    @property
    def methods(self) -> Sequence[str]:
        """The distinct methods, by number; empty where one is out of use."""
        return self._rows.methods.table

    @property
    def paths(self) -> Sequence[str]:
        """The distinct paths, by number; empty where one is out of use."""
        return self._rows.paths.table

    @property
    def string_epoch(self) -> tuple[int, int]:
        """While it is the same, the numbers of methods and paths keep their meaning.

        New strings come at the end then, so what was found out about a number stays true.
        """
        return self._rows.methods.epoch, self._rows.paths.epoch
