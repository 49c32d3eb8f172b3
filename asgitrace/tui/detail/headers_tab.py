"""The tab of scope and headers."""

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.store.model import Exchange
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.detail.split import BESIDE_WIDTH
from asgitrace.tui.detail.tabs import NOTHING, Tab
from asgitrace.tui.hints import Hint
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.headers import Answers, request_fields
from asgitrace.views.lines import NoLines
from asgitrace.views.rows import fit


class About(Widget):
    """A line that says what is under the cursor."""

    DEFAULT_CSS = "About { height: 1; }"

    text = ""

    def say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.refresh(Region(0, 0, *self.size))

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.size.width
        return Strip([Segment(fit(f" {self.text}", width, look), look.raised + look.dim)], width)


class HeadersTab(Tab):
    """Scope and request headers; beside them, or below, what was answered."""

    DEFAULT_CSS = """
    HeadersTab > #sides { layout: horizontal; height: 1fr; }
    HeadersTab #answers { border-left: solid $panel; }
    HeadersTab #answers:focus { border-left: solid $accent; }
    HeadersTab.-narrow #answers { display: none; }
    """

    def __init__(self) -> None:
        super().__init__(id="headers")
        self._exchange: Exchange | None = None
        self._answers = Answers()
        self._request = LineList(empty=NOTHING)
        self._response = LineList(id="answers")
        self._about = About()

    def compose(self) -> ComposeResult:
        with Container(id="sides"):
            yield self._request
            yield self._response
        yield self._about

    def on_resize(self) -> None:
        narrow = self.size.width < BESIDE_WIDTH
        if narrow is not self.has_class("-narrow"):
            if narrow and self._response.has_focus:
                self._request.focus()
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
            cursors = self._request.cursor, self._response.cursor
            self._fill(again=True)
            self._request.select(cursors[0])
            self._response.select(cursors[1])

    def _fill(self, *, again: bool = False) -> None:
        """Show what there is; what was unfolded stays so if it is shown ``again``."""
        if self._exchange is None:
            self._request.show_lines(NoLines())
            self._response.show_lines(NoLines())
            return
        request, response = request_fields(self._exchange), self._answers.fields()
        if self.has_class("-narrow"):
            self._show(self._request, [*response, heading(""), *request], again)
        else:
            self._show(self._request, request, again)
            self._show(self._response, response, again)
        self._explain()

    def _show(self, where: LineList, fields: list[Field], again: bool) -> None:
        before = where.lines if again and isinstance(where.lines, FieldLines) else None
        where.show_lines(FieldLines(fields, before))

    @property
    def focused_list(self) -> LineList:
        return self._response if self._response.has_focus else self._request

    @property
    def _current(self) -> Field | None:
        found = self.focused_list
        lines, index = found.lines, found.current
        return lines.field(index) if isinstance(lines, FieldLines) and index is not None else None

    @property
    def keys(self) -> list[Hint]:
        return [] if self._exchange is None else [("fold", "take apart", "focused.fold")]

    def copy_text(self) -> str | None:
        field = self._current
        if field is None or not field.parts:
            return super().copy_text()
        parts = (f"  {part.label}: {part.value}".rstrip() for part in field.parts)
        return "\n".join([f"{field.label}: {field.value}", *parts])

    @on(events.DescendantFocus)
    @on(LineList.Moved)
    def _explain(self) -> None:
        field = self._current
        self._about.say(field.about if field is not None else "")
