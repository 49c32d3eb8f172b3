"""The frames tab: what a WebSocket session was on the wire."""

from typing import Final

from textual import on
from textual.app import ComposeResult

from asgitrace.store.model import Exchange, RowKind, State
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import NOTHING, SplitTab, lines_or_none
from asgitrace.views.discrepancies import of_event, of_wire
from asgitrace.views.frames import FrameLines, head_line
from asgitrace.views.lines import Lines
from asgitrace.views.wire_content import step_lines
from asgitrace.wire import Wire

_HANDSHAKE: Final = 100
"""Events of the wire among which an answer to the handshake is, where there are no frames."""


class FramesTab(SplitTab):
    """Every frame; enter opens it with the message it belongs to."""

    what = "frame"

    DEFAULT_CSS = """
    FramesTab ColumnHead { display: none; }
    FramesTab.-frames ColumnHead { display: block; }
    """

    def __init__(self) -> None:
        super().__init__(id="frames")
        self._frames: FrameLines | None = None
        self.split = Split(self._inspect, empty=NOTHING)
        self._head = ColumnHead(head_line, self.split.list)

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.split

    @on(LineList.Resized)
    def _resized(self) -> None:
        self._head.refresh()

    def show(self, exchange: Exchange | None) -> None:
        self._frames = None if exchange is None else FrameLines(exchange)
        self.split.list.empty = _why_empty(exchange)
        self.set_class(bool(self._frames), "-frames")
        follow = exchange is not None and exchange.row.state is State.OPEN
        self.split.list.show_lines(lines_or_none(self._frames), at_end=follow)
        self.split.inspect()

    def update_exchange(self, exchange: Exchange) -> None:
        if self._frames is None:
            return
        before = len(self._frames)
        why = _why_empty(exchange)
        if why != self.split.list.empty:
            self.split.list.empty = why
            self.split.list.repaint()
        if self._frames.update(exchange):
            self.set_class(bool(self._frames), "-frames")
            self.split.list.grown()
            if not before:
                self.split.inspect()

    def _inspect(self, index: int) -> Lines | None:
        frames = self._frames
        if frames is None:
            return None
        wire, message = frames.frame(index), frames.message(index)
        differs = of_wire(wire, frames.exchange, frames.pairing)
        if message is not None:
            differs += of_event(message, frames.exchange, frames.pairing)
        return step_lines(
            message, wire, frames.exchange, frames.pairing, frames.start, differs, wire_first=True
        )


def _why_empty(exchange: Exchange | None) -> str:
    if exchange is None:
        return NOTHING
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
