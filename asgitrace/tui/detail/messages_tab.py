"""The messages tab: what was said, as a conversation."""

from asgitrace.store.model import Exchange, State
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.views.content import message_lines
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.lines import Cells, Lines, Stack
from asgitrace.views.look import Look
from asgitrace.views.messages import MessageLines
from asgitrace.views.wire_content import wire_lines


class MessagesTab(EventTab):
    """The conversation, with the message under the cursor in full."""

    what = "message"
    closes = False

    def __init__(self) -> None:
        super().__init__("messages")
        self.split.add_class("-open")

    def _make(self, exchange: Exchange) -> EventLines:
        return MessageLines(exchange)

    def _why_empty(self, exchange: Exchange) -> str:
        ended = exchange.row.state is not State.OPEN
        return "No messages and no bodies." if ended else "No messages and no bodies yet."

    def _titles(self, width: int, look: Look) -> Cells:
        return self._lines.head(width, look) if isinstance(self._lines, MessageLines) else []

    def _content(self, members: Members, index: int) -> Lines | None:
        event, wires = members
        lines = self._lines
        if event is not None:
            return message_lines(event)
        if not wires or not isinstance(lines, MessageLines):
            return None
        return Stack(wire_lines(wires[0], lines.exchange, lines.pairing, lines.start))
