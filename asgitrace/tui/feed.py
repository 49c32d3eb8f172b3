"""What happens thirty times a second: the trace moves on, and the screen learns what is new."""

from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.filter import Filter, Word, parse
from asgitrace.store.model import RowKind, State
from asgitrace.tui.list.cursor import Numbers
from asgitrace.tui.status import Rate, StatusLine
from asgitrace.views.rows import CALM_CLOSE_CODES

if TYPE_CHECKING:
    from asgitrace.store.session import Session
    from asgitrace.store.store import Store

_MANY: Final = 100_000
_EVERY: Final = 4


class Feed:
    """The rows to be shown: those of the store, filtered, or as they were at the pause."""

    def __init__(self, session: "Session", store: "Store") -> None:
        self.session = session
        self.store = store
        self.held = False
        """Nothing is moved into the store, because somebody is reading all of it."""
        self._words: tuple[Word, ...] = ()
        self._filter = Filter(())
        self._frozen: Numbers | None = None
        self._last_before_pause = 0
        self._seen: int | None = None
        self._polls = 0
        self._rate = Rate()

    def poll(self) -> bool:
        """Take in what is new; whether that or anything else changed what is to be shown."""
        if not self.held:
            self.session.poll(self.store)
        if self._seen is not None and (self.paused or self._too_soon()):
            return False
        changed = self._seen != self.store.version
        self._seen = self.store.version
        return changed

    def _too_soon(self) -> bool:
        """Many rows are not filtered anew at every poll: that takes milliseconds."""
        self._polls += 1
        return self.filtered and len(self.store.numbers) > _MANY and self._polls % _EVERY != 0

    def changed(self) -> None:
        """The next poll is to report a change."""
        self._seen = None

    def moment(self, clock_ns: int) -> int:
        """Up to when open exchanges last: now, but nothing grows in a trace from a file."""
        return clock_ns if self.session.live else 0

    # Filter and pause

    @property
    def filtered(self) -> bool:
        return bool(self._words)

    def set_filter(self, text: str) -> None:
        """Show only the rows that have these words."""
        words = parse(text)
        if words != self._words:
            self._words = words
            self._filter = Filter(words)
            if self.paused:
                self._freeze()
            self.changed()

    @property
    def paused(self) -> bool:
        return self._frozen is not None

    def pause(self, on: bool) -> None:
        """Leave the rows as they are; the store goes on."""
        self._last_before_pause = self.last_number
        self._frozen = None
        if on:
            self._freeze()
        self.changed()

    def _freeze(self) -> None:
        self._frozen = None
        numbers = self.numbers()
        end = int(np.searchsorted(numbers, self._last_before_pause, side="right"))
        # a copy, as the store's own arrays change beneath their views
        self._frozen = numbers[:end].copy()

    def numbers(self) -> Numbers:
        """The rows in view, ascending; valid until the next poll."""
        if self._frozen is not None:
            return self._frozen
        store = self.store
        if not self._words:
            return store.numbers
        chosen: Numbers = store.numbers[self._filter.mask(store)]
        return chosen

    @property
    def last_number(self) -> int:
        return int(self.store.numbers[-1]) if len(self.store.numbers) else 0

    def next_error(self, numbers: Numbers, after: int, direction: int) -> int | None:
        """The nearest exchange in view that failed, before or behind one."""
        store = self.store
        failed = (store.state == State.RAISED) | (store.state == State.LOST)
        failed |= store.state == State.REFUSED
        failed |= (store.kind == RowKind.HTTP) & (store.status >= 500)
        closed = (store.kind == RowKind.WEBSOCKET) & (store.status > 0)
        failed |= closed & ~np.isin(store.status, list(CALM_CLOSE_CODES))
        found = np.intersect1d(store.numbers[failed], numbers, assume_unique=True)
        if direction > 0:
            index = int(np.searchsorted(found, after, side="right"))
            return int(found[index]) if index < len(found) else None
        index = int(np.searchsorted(found, after)) - 1
        return int(found[index]) if index >= 0 else None

    # Figures

    def status(self, now_ns: int, *, follow: bool) -> StatusLine:
        """What the status bar shows."""
        store, session = self.store, self.session.status()
        last = self.last_number
        return StatusLine(
            session=session,
            title=self.session.title,
            live=self.session.live,
            rate=self._rate.sample(now_ns, last),
            events=store.event_total,
            open=int(np.count_nonzero(store.state == State.OPEN)),
            dropped=max(store.missed_total, session.missed) + session.refused + store.dropped_total,
            evicted=store.evicted_total,
            follow=follow,
            paused=self.paused,
            arrived=max(0, last - self._last_before_pause) if self.paused else 0,
            total=len(store.numbers),
        )
