"""The body tab: request or response, as text, tree or hex."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from asgitrace.events import Kind
from asgitrace.store.model import Exchange, RowKind
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.tabs import NOTHING, Tab, lines_or_none
from asgitrace.views.body.bodies import Body, body_note
from asgitrace.views.body.renderers import HEX, RENDERERS, BodyLines, Renderer, choose
from asgitrace.views.units import format_size

_REQUEST, _RESPONSE = 0, 1


class BodyTab(Tab):
    """One body at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [*map(bind, ("side", "renderer"))]

    def __init__(self) -> None:
        super().__init__(id="body")
        self._bodies: tuple[Body, ...] = ()
        self._side = _RESPONSE
        self._wanted: Renderer | None = None
        """What the user asked for; None for what suits the body."""
        self._renderer: Renderer = RENDERERS[0]
        self._reason = ""
        self._lines: BodyLines | None = None
        self._bar = ChoiceBar()
        self._list = LineList(follows=True)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._list

    @property
    def focused_list(self) -> LineList:
        return self._list

    def show(self, exchange: Exchange | None) -> None:
        self._wanted = None
        self._bodies = () if exchange is None else (Body(Kind.RECEIVE), Body(Kind.SEND))
        if exchange is not None:
            for body in self._bodies:
                body.update(exchange)
        empty_response = bool(self._bodies) and not self._bodies[_RESPONSE].size
        has_request = bool(self._bodies) and self._bodies[_REQUEST].size > 0
        self._side = _REQUEST if empty_response and has_request else _RESPONSE
        self._list.empty = _why_empty(exchange)
        self._render_body()

    def update_exchange(self, exchange: Exchange) -> None:
        if not self._bodies or any(body.broken(exchange) for body in self._bodies):
            self.show(exchange)
            return
        changed = [body.update(exchange) for body in self._bodies]
        if changed[self._side]:
            if self._lines is None or self._suits_no_longer():
                self._render_body()
            else:
                self._lines.grow()
                self._list.grown()
        if any(changed):
            self._show_bar()

    def _suits_no_longer(self) -> bool:
        return self._wanted is None and choose(self._body)[0] is not self._renderer

    @property
    def _body(self) -> Body:
        return self._bodies[self._side]

    def _render_body(self) -> None:
        """Show the chosen body from its start."""
        self._lines, self._reason = None, ""
        if self._bodies and self._body.size:
            suited, self._reason = choose(self._body)
            self._renderer = self._wanted or suited
            try:
                self._lines = self._renderer.lines(self._body)
            except Exception as error:
                # A renderer that fails harms nothing but itself.
                self._reason = f"{self._renderer.name} failed: {type(error).__name__}"
                self._renderer = HEX
                self._lines = HEX.lines(self._body)
        self._list.show_lines(lines_or_none(self._lines))
        self._show_bar()

    def _show_bar(self) -> None:
        if not self._bodies:
            self._bar.show()
            return
        names = [
            f"{name} {format_size(body.size)}"
            for name, body in zip(("Request", "Response"), self._bodies, strict=True)
        ]
        note, style = body_note(self._body)
        if self._reason:
            note = f"{self._reason} · {note}"
        self._bar.show(
            (names, self._side),
            ([renderer.name for renderer in RENDERERS], RENDERERS.index(self._renderer)),
            note=(note, style),
        )

    def action_side(self) -> None:
        """The other body."""
        self._pick_side(1 - self._side)

    def _pick_side(self, side: int) -> None:
        self._side = side
        self._wanted = None
        self._render_body()

    def action_renderer(self) -> None:
        """The next way to show it that is possible."""
        start = RENDERERS.index(self._renderer) + 1
        self._pick_renderer(start % len(RENDERERS))

    def _pick_renderer(self, index: int) -> None:
        if not self._bodies or not self._body.size:
            return
        renderer = RENDERERS[index]
        refusal = renderer.refuses(self._body)
        if refusal:
            self._wanted = RENDERERS[(index + 1) % len(RENDERERS)]
            self._render_body()
            self._reason = f"no {renderer.name}: {refusal}"
            self._show_bar()
            return
        self._wanted = renderer
        self._render_body()

    @on(ChoiceBar.Picked)
    def _picked(self, message: ChoiceBar.Picked) -> None:
        message.stop()
        if message.group == 0:
            self._pick_side(message.index)
        else:
            self._pick_renderer(message.index)

    def copy_text(self) -> str | None:
        return None if self._lines is None else super().copy_text()


def _why_empty(exchange: Exchange | None) -> str:
    if exchange is None:
        return NOTHING
    if exchange.row.kind is RowKind.WEBSOCKET:
        return "A WebSocket session has messages, not a body: press 2."
    return "This body is empty."
