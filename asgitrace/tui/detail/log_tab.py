"""The log: what the app's process wrote, and for which exchange."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from asgitrace.store.model import Exchange, LogLine
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import SplitTab
from asgitrace.tui.hints import Hint
from asgitrace.views.lines import Lines, Stack
from asgitrace.views.log import KEPT, LogLines
from asgitrace.views.log_columns import LEVELS, facts
from asgitrace.views.wrap import TextLines

if TYPE_CHECKING:
    from asgitrace.store.store import Store

Unfinished = Callable[[], Sequence[LogLine]]
"""The lines that are begun and not finished."""

_EMPTY = "No line yet. An app that is attached to writes to its own terminal."


class LogTab(SplitTab):
    """What the app's process wrote: all of it, or what is known to be of the exchange that is
    shown."""

    what = "line"

    BINDINGS: ClassVar[list[BindingType]] = [
        *map(bind, ("follow-log", "log-level", "log-own", "log-jump"))
    ]

    class Jump(Message):
        """The exchange of a line is to be shown."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number
            """0 where it is not known."""

    def __init__(self, store: "Store", unfinished: Unfinished) -> None:
        super().__init__(id="log")
        self._store = store
        self._unfinished = unfinished
        self._log = LogLines()
        self._next = 0
        self._level = 0
        self._own = False
        self._exchange: int | None = None
        self._sought: int | None = None
        """The exchange whose first line is to be shown, while not all lines are there."""
        self._bar = ChoiceBar()
        self.split = Split(self._inspect, empty=_EMPTY)
        self._head = ColumnHead(self._log.head, self.split.list)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._head
        yield self.split

    # What is shown

    def show(self, exchange: Exchange | None) -> None:
        """Show the log at the first line of an exchange; where it has none, as it was."""
        number = None if exchange is None else exchange.row.number
        begins = not self._next
        changed, self._exchange = number != self._exchange, number
        self._log.current = number
        self._read()
        if begins or (self._own and changed):
            self._choose(at_end=True)
        if changed and number is not None and not self._own:
            self._go_to_own(number)
        self.split.list.repaint()
        self._show_bar()
        self.tick()

    def _go_to_own(self, number: int) -> None:
        row = self._log.first_of(number)
        self._sought = number if row is None and not self._log.settled else None
        if row is not None:
            self.split.list.follow = False
            self.split.list.select(row)

    def go_to(self, event: int) -> bool:
        """Go to a line by its index since the beginning, whatever hides it."""
        log, shown = self._log, self.split.list
        if log.index(log.row(event)) != event:
            self._level, self._own = 0, False
            self._choose()
        row = log.row(event)
        if row and log.index(row) != event and log.toggle(row - 1, True):
            shown.grown()
            row = log.row(event)
        shown.follow = False
        shown.select(row)
        return log.index(row) == event

    def tick(self) -> None:
        grown = self._store.log_total != self._next
        gone = self._read() if grown else 0
        unfinished = [self._store.locate(line) for line in self._unfinished()]
        if self._sought is not None:
            self._go_to_own(self._sought)
        if self._log.show_unfinished(unfinished) or grown:
            self.split.list.grown(gone=gone)
            self._show_bar()

    def _read(self) -> int:
        total = self._store.log_total
        if total < self._next:
            # Another trace: the log began anew.
            self._begin(0)
        lines = self._store.logs_since(max(self._next, total - KEPT))
        if total - len(lines) > self._next:
            # Between them there were more than there is room for.
            self._begin(total - len(lines))
        self._next = total
        return self._log.extend(lines)

    def _begin(self, index: int) -> None:
        self._next = index
        self._log.begin(index)
        self._choose(at_end=True)

    def _choose(self, *, at_end: bool = False) -> None:
        """Show the lines that are asked for, at the line under the cursor."""
        shown, log = self.split.list, self._log
        row = shown.current
        index = None if row is None else log.index(row)
        at_end = at_end or shown.follow
        log.choose(least=LEVELS[self._level][1], only=self._exchange if self._own else None)
        shown.empty = self._why_empty()
        shown.show_lines(log, at_end=at_end)
        if not at_end and index is not None:
            shown.select(log.row(index))
        self.split.inspect()
        self._show_bar()

    def _why_empty(self) -> str:
        if self._own and self._exchange is not None:
            return f"No line is known to be of #{self._exchange}; e shows everything."
        return _EMPTY if not self._level else "No such line; v shows others."

    def _show_bar(self) -> None:
        dropped = self._store.log_total - self._log.total
        note = f"{dropped:,} earlier lines are no longer kept" if dropped else ""
        own = f"#{self._exchange} only" if self._exchange is not None else "exchange only"
        self._bar.show(
            ([name for name, _ in LEVELS], self._level),
            (("everything", own), int(self._own)),
            note=(note, "faint"),
        )

    @on(ChoiceBar.Picked)
    def _picked(self, message: ChoiceBar.Picked) -> None:
        message.stop()
        if message.group:
            self._limit(message.index == 1)
        else:
            self._level = message.index
            self._choose()

    def _inspect(self, index: int) -> Lines | None:
        line, text = self._log.whole(index)
        return Stack([TextLines(facts(line), "dim"), TextLines(text)])

    # What the keys do

    @property
    def keys(self) -> Sequence[Hint]:
        shown = self.split.list
        if shown.current is None or self.split.content.has_focus:
            return super().keys
        follow = "do not follow" if shown.follow else "follow"
        more: list[Hint] = [
            ("log-level", "level", "in_log('level')"),
            ("log-own", "everything" if self._own else "its own", "in_log('own')"),
            ("follow-log", follow, "in_log('follow_log')"),
        ]
        if self._log.line(shown.cursor).exchange:
            more.append(("log-jump", "its exchange", "in_log('jump')"))
        return (*super().keys, *more)

    def action_level(self) -> None:
        """The next least level."""
        self._level = (self._level + 1) % len(LEVELS)
        self._choose()

    def action_own(self) -> None:
        """Only the lines of the exchange that is shown, or everything."""
        self._limit(not self._own)

    def _limit(self, own: bool) -> None:
        if own and self._exchange is None:
            own = False
        self._own = own
        self._choose()
        if own:
            self.split.list.select(0)

    def action_follow_log(self) -> None:
        """Keep to the newest, or stay here."""
        shown = self.split.list
        if shown.follow:
            shown.follow = False
        else:
            shown.action_last()

    def action_jump(self) -> None:
        """Show the exchange of the line under the cursor."""
        row = self.split.list.current
        if row is not None:
            self.post_message(self.Jump(self._log.line(row).exchange))
