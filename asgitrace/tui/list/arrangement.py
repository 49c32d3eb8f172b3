"""What the user made of the list: its columns, its order, its waterfall; kept from run to run."""

from collections.abc import Sequence
from typing import Final

from asgitrace.settings import ColumnState, Settings, State
from asgitrace.store.model import Process
from asgitrace.views.columns.layout import (
    LEAST_AXIS,
    WIDEST,
    Layout,
    Wanted,
    layout,
    read_columns,
    read_sort,
    usual,
    with_worker,
)
from asgitrace.views.columns.registry import COLUMNS, NUMBER, PATH, WATERFALL, WORKER

AXIS: Final = "axis"
DURATION: Final = "duration"


class Arrangement:
    """Read from the settings, or else from the state, which it keeps up to date."""

    def __init__(self, settings: Settings, state: State) -> None:
        self._state = state
        self.version = 0
        """Changes with every change."""
        names = [f"{entry.name}:{entry.width or ''}".rstrip(":") for entry in state.columns]
        kept, _ = read_columns(names)
        chosen, wrong_columns = read_columns(settings.columns)
        self.wanted: tuple[Wanted, ...] = chosen or kept
        """The columns as they were chosen; empty: by the width of the list."""
        sort = state.sort if settings.sort is None else settings.sort
        self.sort, self.descending, wrong_sort = read_sort(sort)
        """Name of the column that the list is sorted by; empty for the order of arrival."""
        self.complaint = wrong_columns or ("" if settings.sort is None else wrong_sort)
        """A sentence on what in the settings could not be used."""
        self.axis = (settings.waterfall or state.waterfall) == AXIS
        """The waterfall lies on an axis of time."""
        self._known = 0
        self._several = False
        """The exchanges are those of several processes."""
        self._hidden = False
        """So they are, but the user does not want to know."""

    def layout(self, width: int) -> Layout:
        """The columns of a list of this width."""
        wanted = self.columns(width) if self._worker_by_itself else self.wanted
        return layout(width, wanted, axis=self.axis)

    # Columns

    def columns(self, width: int) -> tuple[Wanted, ...]:
        """The columns that were chosen, or are usual at this width."""
        wanted = self.wanted or usual(width)
        return with_worker(wanted) if self._worker_by_itself else wanted

    def choose(self, wanted: Sequence[Wanted]) -> None:
        """Show these columns from now on; none: the usual ones."""
        self.wanted = tuple(wanted)
        self._hidden = bool(wanted) and all(entry.name != WORKER for entry in wanted)
        # What shows by itself is not kept for a session with a single process.
        kept = [entry for entry in wanted if entry.name != WORKER or not self._several]
        self._state.columns = [ColumnState(entry.name, entry.width) for entry in kept]
        self.version += 1

    @property
    def _worker_by_itself(self) -> bool:
        return self._several and not self._hidden

    def meet(self, processes: Sequence[Process]) -> bool:
        """The processes that recorded so far: where they are several workers, a column tells them
        apart. Returns whether that is new."""
        if len(processes) == self._known:
            return False
        self._known = len(processes)
        before = self._several
        self._several = len({process.worker for process in processes if process.worker}) > 1
        return self._several != before

    def resize(self, name: str, cells: int, width: int) -> None:
        """Give a column a width on a list of ``width`` cells; the path keeps what is left."""
        if name == PATH:
            return
        least = LEAST_AXIS if self.axis and name == WATERFALL else 1
        cells = max(least, min(cells, WIDEST))
        self.choose(
            [
                Wanted(entry.name, cells) if entry.name == name else entry
                for entry in self.columns(width)
            ]
        )

    # Order

    @property
    def sorted(self) -> bool:
        """Whether the order is another one than that of arrival."""
        return bool(self.sort)

    def cycle_sort(self, name: str) -> None:
        """Sort by a column: ascending, then descending, then by arrival again."""
        if name == NUMBER:  # ascending is the order of arrival
            self.set_sort("" if self.sort == NUMBER else NUMBER, descending=True)
        elif name != self.sort:
            self.set_sort(name, descending=False)
        elif not self.descending:
            self.set_sort(name, descending=True)
        else:
            self.set_sort("", descending=False)

    def reverse(self) -> None:
        """Turn the order round; that of arrival becomes the newest first."""
        if not self.sort or self.sort == NUMBER:
            self.cycle_sort(NUMBER)
        else:
            self.set_sort(self.sort, descending=not self.descending)

    def set_sort(self, name: str, *, descending: bool) -> None:
        """Sort by a column; an empty name is the order of arrival."""
        self.sort, self.descending = name, descending
        self._state.sort = ("-" if descending else "") + name
        self.version += 1

    @property
    def sorted_by(self) -> str:
        """What the list is sorted by, in a word; empty in the order of arrival."""
        if not self.sort:
            return ""
        column = COLUMNS[self.sort]
        return "number" if self.sort == NUMBER else column.short or column.title

    def order_words(self) -> str:
        """How the list is sorted, in a few words; empty in the order of arrival."""
        if self.sort == NUMBER:
            return "newest first"
        way = "descending" if self.descending else "ascending"
        return f"by {self.sorted_by}, {way}" if self.sort else ""

    # Waterfall

    def toggle_axis(self) -> None:
        """From bars as long as the exchange to a common axis of time, or back."""
        self.axis = not self.axis
        self._state.waterfall = AXIS if self.axis else DURATION
        self.version += 1
