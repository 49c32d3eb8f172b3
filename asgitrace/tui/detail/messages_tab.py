"""The messages tab: what was said, as a conversation."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from asgitrace.store.model import Exchange, State
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.body_view import BodyView, Remembered
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.views.body.message import body_of
from asgitrace.views.content import message_lines
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.lines import Cells, Stack
from asgitrace.views.look import Look
from asgitrace.views.messages import MessageLines
from asgitrace.views.wire_content import wire_lines

if TYPE_CHECKING:
    from asgitrace.tui.detail.split import Content


class MessagesTab(EventTab):
    """The conversation, with the message under the cursor in full."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("renderer")]

    what = "message"
    closes = False

    def __init__(self, remembered: Remembered | None = None) -> None:
        self._viewer = BodyView(remembered)
        super().__init__("messages", self._viewer)
        self.split.add_class("-open")

    def _make(self, exchange: Exchange) -> EventLines:
        return MessageLines(exchange)

    def _why_empty(self, exchange: Exchange) -> str:
        ended = exchange.row.state is not State.OPEN
        return "No messages and no bodies." if ended else "No messages and no bodies yet."

    def _titles(self, width: int, look: Look) -> Cells:
        return self._lines.head(width, look) if isinstance(self._lines, MessageLines) else []

    def _content(self, members: Members, index: int) -> "Content":
        event, wires = members
        lines = self._lines
        if not isinstance(lines, MessageLines):
            return None
        if event is not None:
            body = body_of(event, lines.exchange)
            return message_lines(event) if body is None else (None, body)
        return Stack(wire_lines(wires[0], lines.exchange, lines.pairing, lines.start))

    def action_renderer(self) -> None:
        """The next way to show the message."""
        self._viewer.action_renderer()

    def copy_text(self) -> str | None:
        if self._viewer.has_focus_within:
            return self._viewer.copy_text()
        return super().copy_text()
