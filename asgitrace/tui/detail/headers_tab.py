"""The tab of scope and headers."""

from textual.app import ComposeResult

from asgitrace.store.model import Exchange
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.detail.split import BESIDE_WIDTH
from asgitrace.tui.detail.tabs import NOTHING, Tab
from asgitrace.views.fields import FieldLines
from asgitrace.views.headers import Answers, request_fields
from asgitrace.views.lines import NoLines, Stack
from asgitrace.views.wrap import TextLines


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
