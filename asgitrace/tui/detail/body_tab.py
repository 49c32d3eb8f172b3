"""The body tab: of the request or of the response."""

from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult

from asgitrace.events import Kind
from asgitrace.store.model import Exchange, RowKind
from asgitrace.tui.detail.body_view import BodyView, Remembered
from asgitrace.tui.detail.tabs import NOTHING, Tab
from asgitrace.views.body.bodies import Body
from asgitrace.views.units import format_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asgitrace.tui.detail.lines import LineList
    from asgitrace.tui.hints import Hint

_REQUEST, _RESPONSE = 0, 1
_CATCH_UP: Final = 1 / 30
"""Seconds between two portions of the events of a long exchange."""


class BodyTab(Tab):
    """One body at a time."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        super().__init__(id="body")
        self._exchange: Exchange | None = None
        self._bodies: tuple[Body, ...] = ()
        self._side: int | None = None
        """Which one was chosen; None for that which has something."""
        self.view = BodyView(remembered, follows=True)

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self._timer = self.set_interval(_CATCH_UP, self._catch_up, pause=True)
        self._watch()

    @property
    def focused_list(self) -> "LineList":
        return self.view.focused_list

    @property
    def keys(self) -> "Sequence[Hint]":
        return self.view.keys

    def copy_text(self) -> str | None:
        return self.view.copy_text()

    def show(self, exchange: Exchange | None) -> None:
        self._exchange = exchange
        self._side = None
        self._bodies = () if exchange is None else (Body(Kind.RECEIVE), Body(Kind.SEND))
        if exchange is not None:
            for body in self._bodies:
                body.update(exchange)
        self._show_side()

    def update_exchange(self, exchange: Exchange) -> None:
        if not self._bodies or any(body.broken(exchange) for body in self._bodies):
            self.show(exchange)
            return
        self._exchange = exchange
        side = self._shown
        changed = [body.update(exchange) for body in self._bodies]
        if self._shown != side:
            self._show_side()
        elif changed[side]:
            self.view.grown()
        if any(changed):
            self._show_lead()
        self._watch()

    def _catch_up(self) -> None:
        if self._exchange is not None and any(body.behind for body in self._bodies):
            self.update_exchange(self._exchange)
        else:
            self._timer.pause()

    def _watch(self) -> None:
        if self.is_mounted and any(body.behind for body in self._bodies):
            self._timer.resume()

    @property
    def _shown(self) -> int:
        """Which body is seen: the response, unless only the request has one."""
        if self._side is not None or not self._bodies:
            return self._side or 0
        request, response = self._bodies
        return _REQUEST if request.size and not response.size else _RESPONSE

    def _show_side(self) -> None:
        body = self._bodies[self._shown] if self._bodies else None
        self._show_lead()
        self.view.show(body, empty=_why_empty(self._exchange, body))
        self._watch()

    def _show_lead(self) -> None:
        names = zip(("Request", "Response"), self._bodies, strict=False)
        words = [f"{name} {format_size(body.size)}" for name, body in names]
        self.view.lead(words, self._shown)

    def go_to(self, event: int) -> bool:
        exchange = self._exchange
        if exchange is None or event >= len(exchange.events):
            return False
        received = exchange.events[event].kind is Kind.RECEIVE
        self._side = _REQUEST if received else _RESPONSE
        self._show_side()
        return True

    @on(BodyView.LeadPicked)
    def _lead_picked(self, message: BodyView.LeadPicked) -> None:
        message.stop()
        self._side = message.index
        self._show_side()


def _why_empty(exchange: Exchange | None, body: Body | None) -> str:
    if exchange is None:
        return NOTHING
    if exchange.row.kind is RowKind.WEBSOCKET:
        return "A WebSocket session has messages, not a body: press 2."
    if body is not None and body.file:
        return "The server sent a file: its content was not seen."
    return "This body is empty."
