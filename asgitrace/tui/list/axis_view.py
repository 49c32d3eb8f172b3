"""The stretch of time that the list's axis shows: all of it, the newest, or where one went."""

from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.store.model import Row, RowKind, State
from asgitrace.tui.list.cursor import Numbers
from asgitrace.views.axis import Window, following, whole

if TYPE_CHECKING:
    from asgitrace.store.store import Store

USUAL_NS: Final = 10_000_000_000
"""What the axis of a live list shows at first."""
_ENDS: Final = 20_000
_EVERY_NS: Final = 250_000_000
_IN: Final = 0.5
_S: Final = 1_000_000_000


def extent(store: "Store", numbers: Numbers, moment: int) -> tuple[int, int] | None:
    """Wall times of the first start and of the latest end of these rows; None where no client's
    exchange is among them. The lifespan lasts as long as the process, so it does not count.

    Of very many rows only the first and the last are looked at: nearly in the order of their
    starts, they hold the first of all, and the latest to within what nobody can see.
    """
    if len(numbers) > 2 * _ENDS:
        numbers = np.concatenate((numbers[:_ENDS], numbers[-_ENDS:]))
    places = np.searchsorted(store.numbers, numbers)
    places = places[places < len(store.numbers)]
    kinds = store.kind[places]
    places = places[(kinds != RowKind.LIFESPAN) & (kinds != RowKind.PROCESS)]
    if not len(places):
        return None
    started = store.started[places]
    ended = started + store.durations(moment, places)
    return int(started.min()), int(ended.max())


class AxisView:
    """The window of the axis. It follows the newest, until one zooms or pans elsewhere."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._span: int | None = USUAL_NS
        """Length of the window that follows; None: it shows everything."""
        self._fixed: Window | None = None
        self._extent: tuple[int, int] | None = None
        self._live = False
        self._seen_ns: int | None = None
        self.window = Window(0, _S)

    def update(self, numbers: Numbers, now_ns: int, moment: int) -> bool:
        """Look at the rows again, a few times a second; whether the window changed."""
        if self._seen_ns is not None and 0 <= now_ns - self._seen_ns < _EVERY_NS:
            return False
        self._seen_ns = now_ns
        self._live = moment != 0
        self._extent = extent(self._store, numbers, moment)
        return self._settle()

    def forget(self) -> None:
        """Other rows are in view: look at them without delay."""
        self._seen_ns = None

    def _settle(self) -> bool:
        before = self.window
        if self._fixed is not None:
            self.window = self._fixed
        elif self._extent is not None:
            first, last = self._extent
            if self._span is not None and self._live:
                self.window = following(last, self._span)
            else:
                self.window = whole(first, last, growing=self._live)
        return self.window != before

    @property
    def follows(self) -> bool:
        """The window moves on with the newest."""
        return self._fixed is None and self._live

    def show_whole(self) -> None:
        """Everything from now on."""
        self._fixed, self._span = None, None
        self._settle()

    def zoom(self, steps: int, at: int | None) -> None:
        """In (positive) or out; the instant ``at`` stays where it is, or the newest if None."""
        factor = _IN**steps
        if at is None and self.follows:
            self._span = self.window.zoomed(factor, self.window.end).span
        else:
            middle = self.window.start + self.window.span // 2
            held = at is not None and self.window.start <= at < self.window.end
            self._fixed = self.window.zoomed(factor, at if held and at is not None else middle)
            if self._covers_all(self._fixed):
                self._fixed, self._span = None, None
        self._settle()

    def _covers_all(self, window: Window) -> bool:
        return (
            self._extent is not None
            and window.start <= self._extent[0]
            and window.end >= self._extent[1]
        )

    def pan(self, quarters: int) -> None:
        """Move to the left (negative) or right by quarters of the window; at the newest it follows
        that again."""
        self._go(self.window.panned(quarters))

    def drag(self, cells: int, width: int) -> None:
        """Move what is shown on ``width`` cells by so many cells to the right."""
        window = self.window
        self._go(Window(window.start - cells * window.span // max(1, width), window.span))

    def _go(self, window: Window) -> None:
        first, last = self._extent or (window.start, window.end)
        start = max(first - window.span, min(window.start, last))
        self._fixed = Window(start, window.span)
        if self._live and window.start > self.window.start and self._fixed.end >= last:
            self._fixed, self._span = None, window.span
        self._settle()

    def reveal(self, row: Row) -> bool:
        """Show the bar of a row if it is not in the window; whether that moved it."""
        if row.kind in (RowKind.LIFESPAN, RowKind.PROCESS):
            return False
        end = row.started_ns + row.duration_ns
        moved = self.window.showing(row.started_ns, end)
        if moved == self.window or (row.state is State.OPEN and self.follows):
            return False
        self._fixed = self.window = moved
        return True

    def instant(self, cell: int, width: int) -> int:
        """The instant at a cell of an axis of ``width`` cells."""
        return self.window.start + self.window.span * cell // max(1, width)
