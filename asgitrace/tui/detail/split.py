"""A list with the content of its line beside it, or below where there is no room beside."""

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from asgitrace.tui.detail.lines import LineList
from asgitrace.views.lines import Lines, NoLines

BESIDE_WIDTH = 110
"""From this width on there is room for two columns."""


class Split(Container):
    """Two lists; the second shows what the line of the first holds, as long as it is open."""

    DEFAULT_CSS = """
    Split { layout: vertical; height: 1fr; }
    Split.-beside { layout: horizontal; }
    Split > .-content { display: none; border-top: solid $panel; height: 1fr; }
    Split.-open > .-content { display: block; }
    Split.-beside > .-content { border-top: none; border-left: solid $panel; height: 100%; }
    Split > .-content:focus { border-top: solid $accent; }
    Split.-beside > .-content:focus { border-top: none; border-left: solid $accent; }
    Split.-beside.-open > .-list { width: 11fr; }
    Split.-beside.-open > .-content { width: 9fr; }
    """

    class Opened(Message):
        """The content was shown or hidden."""

    def __init__(self, inspect: Callable[[int], Lines | None], *, empty: str) -> None:
        super().__init__()
        self._inspect = inspect
        self.list = LineList(empty=empty, follows=True)
        self.list.add_class("-list")
        self.content = LineList()
        self.content.add_class("-content")

    def compose(self) -> ComposeResult:
        yield self.list
        yield self.content

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= BESIDE_WIDTH, "-beside")

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self, opened: bool = True) -> None:
        """Show or hide the content of the line under the cursor."""
        if opened is not self.is_open:
            self.set_class(opened, "-open")
            self.post_message(self.Opened())
            if not opened and self.content.has_focus:
                self.list.focus()
        self.inspect()

    def inspect(self) -> None:
        """Show what the line under the cursor holds, if that is open."""
        if not self.is_open:
            return
        index = self.list.current
        lines = None if index is None else self._inspect(index)
        self.content.show_lines(NoLines() if lines is None else lines)

    @property
    def focused_list(self) -> LineList:
        return self.content if self.content.has_focus else self.list

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.sender is self.list:
            self.inspect()

    @on(LineList.Chosen)
    def _chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        if message.sender is self.content:
            return
        if self.is_open:
            self.content.focus()
        else:
            self.open()
