"""The messages tab: what was said, as a conversation."""

from asgitrace.store.model import Exchange, State
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import NOTHING, SplitTab, lines_or_none
from asgitrace.views.content import message_lines
from asgitrace.views.lines import Lines
from asgitrace.views.messages import MessageLines


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
