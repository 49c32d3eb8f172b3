"""The tabs of the detail pane. Each shows one exchange in its way; none is built before it is
looked at."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from asgitrace.store.model import Exchange, State
from asgitrace.tui.detail.event_filter import EventFilter
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.split import BESIDE_WIDTH, Split
from asgitrace.tui.hints import Hint
from asgitrace.views.content import message_lines
from asgitrace.views.fields import FieldLines
from asgitrace.views.headers import Answers, request_fields
from asgitrace.views.lines import Lines, NoLines, Stack
from asgitrace.views.log import KEPT, LogLines
from asgitrace.views.messages import MessageLines
from asgitrace.views.wrap import TextLines

if TYPE_CHECKING:
    from asgitrace.store.store import Store

NOTHING = "No exchange is chosen. Choose one in the list."


def lines_or_none(lines: Lines | None) -> Lines:
    """These lines; none where there are none. (Lines that are not broken yet have no length.)"""
    return NoLines() if lines is None else lines


class Tab(Container):
    """What a tab can be told and asked."""

    DEFAULT_CSS = """
    Tab { height: 1fr; display: none; }
    Tab.-shown { display: block; }
    """

    filter_target: EventFilter | None = None
    """What a filter is typed for in this tab; None where it has none."""

    def show(self, exchange: Exchange | None) -> None:
        """Show an exchange, another one than before."""

    def update_exchange(self, exchange: Exchange) -> None:
        """The same exchange, later."""

    def tick(self) -> None:
        """Time went on."""

    def leave(self) -> bool:
        """Close what is open inside; False if nothing is."""
        return False

    @property
    def keys(self) -> Sequence[Hint]:
        """Keys of the list that has the focus, and what they do."""
        return ()

    @property
    def focused_list(self) -> LineList:
        """The list that has or would get the focus."""
        raise NotImplementedError

    @property
    def lists(self) -> list[LineList]:
        """The lists that are displayed, in the order in which the focus goes through them."""
        return [found for found in self.query(LineList) if found.display]

    def copy_text(self) -> str | None:
        """The text of what is under the cursor, as it came."""
        return self.focused_list.copy_text()


class SplitTab(Tab):
    """A tab with a list of events and the content of one of them."""

    what = "event"
    """What a line of the list is."""
    closes = True
    """Whether the content may be hidden."""
    split: Split

    def compose(self) -> ComposeResult:
        yield self.split

    @property
    def focused_list(self) -> LineList:
        return self.split.focused_list

    @property
    def keys(self) -> Sequence[Hint]:
        if self.split.content.has_focus:
            return (("back", f"back to the {self.what}s", "leave_content"),)
        if self.split.list.current is None:
            return ()
        if not self.split.is_open:
            return (("choose", f"open {self.what}", "focused.choose"),)
        into = ("other-pane", "into it", "focused.choose")
        close = ("back", f"close {self.what}", "leave_content")
        return (into, close) if self.closes else (into,)

    def leave(self) -> bool:
        if self.split.content.has_focus:
            self.split.list.focus()
            return True
        if self.closes and self.split.is_open:
            self.split.open(False)
            return True
        return False


class MessagesTab(SplitTab):
    """The conversation, with the message under the cursor in full."""

    what = "message"
    closes = False

    def __init__(self) -> None:
        super().__init__(id="messages")
        self._messages: MessageLines | None = None
        self.split = Split(self._inspect, empty=NOTHING)
        self.split.add_class("-open")

    def show(self, exchange: Exchange | None) -> None:
        self._messages = None if exchange is None else MessageLines(exchange)
        self.split.list.empty = NOTHING if exchange is None else "No messages and no bodies."
        follow = exchange is not None and exchange.row.state is State.OPEN
        self.split.list.show_lines(lines_or_none(self._messages), at_end=follow)
        self.split.inspect()

    def update_exchange(self, exchange: Exchange) -> None:
        if self._messages is None:
            return
        before = len(self._messages)
        if self._messages.update(exchange):
            self.split.list.grown()
            if not before:
                self.split.inspect()

    def _inspect(self, index: int) -> Lines | None:
        return None if self._messages is None else message_lines(self._messages.event(index))


class HeadersTab(Tab):
    """Scope and request headers; beside them, or below, what was answered."""

    DEFAULT_CSS = """
    HeadersTab { layout: horizontal; }
    HeadersTab > #answers { border-left: solid $panel; }
    HeadersTab.-narrow > #answers { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="headers")
        self._exchange: Exchange | None = None
        self._answers = Answers()
        self._request = LineList(empty=NOTHING)
        self._response = LineList(id="answers")

    def compose(self) -> ComposeResult:
        yield self._request
        yield self._response

    def on_resize(self) -> None:
        narrow = self.size.width < BESIDE_WIDTH
        if narrow is not self.has_class("-narrow"):
            self.set_class(narrow, "-narrow")
            self._fill()

    def show(self, exchange: Exchange | None) -> None:
        self._exchange = exchange
        self._answers = Answers()
        if exchange is not None:
            self._answers.update(exchange)
        self._fill()

    def update_exchange(self, exchange: Exchange) -> None:
        if self._answers.broken(exchange):
            self.show(exchange)
            return
        self._exchange = exchange
        if self._answers.update(exchange):
            cursor = self._request.cursor
            self._fill()
            self._request.select(cursor)

    def _fill(self) -> None:
        if self._exchange is None:
            self._request.show_lines(NoLines())
            self._response.show_lines(NoLines())
            return
        request = FieldLines(request_fields(self._exchange))
        response = FieldLines(self._answers.fields())
        if self.has_class("-narrow"):
            self._request.show_lines(Stack([response, TextLines("\n"), request]))
        else:
            self._request.show_lines(request)
            self._response.show_lines(response)

    @property
    def focused_list(self) -> LineList:
        return self._response if self._response.has_focus else self._request


class LogTab(SplitTab):
    """What the app's process wrote."""

    what = "line"

    def __init__(self, store: "Store") -> None:
        super().__init__(id="log")
        self._store = store
        self._log = LogLines()
        self._next = 0
        self.split = Split(self._inspect, empty="The app has written nothing yet.")

    def show(self, exchange: Exchange | None) -> None:
        if not self._next:
            self._read()
            self.split.list.show_lines(self._log, at_end=True)
        self.tick()

    def tick(self) -> None:
        if self._store.log_total != self._next:
            self.split.list.grown(gone=self._read())

    def _read(self) -> int:
        total = self._store.log_total
        if total < self._next:
            # Another trace: the log began anew.
            self._log, self._next = LogLines(), 0
            self.split.list.show_lines(self._log, at_end=True)
        gone = self._log.extend(self._store.logs_since(max(self._next, total - KEPT)))
        self._next = total
        return gone

    def _inspect(self, index: int) -> Lines | None:
        return TextLines(self._log.text(index))
