"""The frames tab: what a WebSocket session was on the wire."""

from typing import Final

from asgitrace.store.model import Exchange, RowKind, State
from asgitrace.tui.detail.event_tab import EventTab
from asgitrace.views.discrepancies import of_event, of_wire
from asgitrace.views.event_lines import EventLines, Members
from asgitrace.views.frames import FrameLines, head_line
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.wire_content import step_lines
from asgitrace.wire import Wire

_HANDSHAKE: Final = 100
"""Events of the wire among which an answer to the handshake is, where there are no frames."""


class FramesTab(EventTab):
    """Every frame; enter opens it with the message it belongs to."""

    what = "frame"

    def __init__(self) -> None:
        super().__init__("frames")

    def _make(self, exchange: Exchange) -> EventLines:
        return FrameLines(exchange)

    def _why_empty(self, exchange: Exchange) -> str:
        return _why_empty(exchange)

    def _titles(self, width: int, look: Look) -> Cells:
        return head_line(width, look)

    def _content(self, members: Members, index: int) -> Lines | None:
        frames = self._lines
        message, (wire,) = members
        if not isinstance(frames, FrameLines):
            return None
        differs = of_wire(wire, frames.exchange, frames.pairing)
        if message is not None:
            differs += of_event(message, frames.exchange, frames.pairing)
        return step_lines(
            message, wire, frames.exchange, frames.pairing, frames.start, differs, wire_first=True
        )


def _why_empty(exchange: Exchange) -> str:
    if exchange.row.kind is not RowKind.WEBSOCKET:
        return "Frames are what a WebSocket session is made of; this is none."
    if not exchange.wire:
        return "The wire was not recorded: only asgitrace's own server tells of it."
    if exchange.row.state is State.REFUSED or any(
        event.wire in (Wire.RESPONSE, Wire.REFUSED) for event in exchange.wire[:_HANDSHAKE]
    ):
        return "No frames: the handshake was refused."
    if exchange.row.state is State.OPEN:
        return "No frames yet."
    return "No frames were recorded."
