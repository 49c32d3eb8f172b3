"""A list with the content of its line beside it, or below where there is no room beside."""

from typing import TYPE_CHECKING, Final

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from asgitrace.tui.detail.lines import LineList
from asgitrace.views.lines import Lines, NoLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from asgitrace.tui.detail.body_view import BodyView
    from asgitrace.views.body.bodies import Body

    Content = Lines | tuple[Lines | None, Body] | None
    """What a line holds: lines, or a body, perhaps with lines above it."""

BESIDE_WIDTH = 110
"""From this width on there is room for two columns."""
_ABOVE: Final = 3
"""The lines above a body have one of so many parts of the height at most."""


class Split(Container):
    """Two lists; the second shows what the line of the first holds, as long as it is open. A
    ``viewer`` shows the bodies, where there are any."""

    DEFAULT_CSS = """
    Split { layout: vertical; height: 1fr; }
    Split.-beside { layout: horizontal; }
    Split > .-content { display: none; border-top: solid $panel; height: 1fr; }
    Split.-open > .-content { display: block; }
    Split.-beside > .-content { border-top: none; border-left: solid $panel; height: 100%; }
    Split > .-content:focus-within { border-top: solid $accent; }
    Split.-beside > .-content:focus-within { border-top: none; border-left: solid $accent; }
    Split.-beside.-open > .-list { width: 11fr; }
    Split.-beside.-open > .-content { width: 9fr; }
    """

    class Opened(Message):
        """The content was shown or hidden."""

    def __init__(
        self,
        inspect: "Callable[[int], Content]",
        *,
        empty: str,
        viewer: "BodyView | None" = None,
    ) -> None:
        super().__init__()
        self._inspect = inspect
        self.list = LineList(empty=empty, follows=True)
        self.list.add_class("-list")
        self.content = LineList()
        self.viewer = viewer
        if viewer is not None:
            viewer.display = False

    def compose(self) -> ComposeResult:
        yield self.list
        with Container(classes="-content"):
            yield self.content
            if self.viewer is not None:
                yield self.viewer

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= BESIDE_WIDTH, "-beside")

    # What is shown

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self, opened: bool = True) -> None:
        """Show or hide the content of the line under the cursor."""
        if opened is not self.is_open:
            self.set_class(opened, "-open")
            self.post_message(self.Opened())
            if not opened and self.is_inside:
                self.list.focus()
        self.inspect()

    def inspect(self) -> None:
        """Show what the line under the cursor holds, if that is open."""
        if not self.is_open:
            return
        index = self.list.current
        found = None if index is None else self._inspect(index)
        lines, body = found if isinstance(found, tuple) else (found, None)
        self._lay_out(lines, body)
        self.content.show_lines(NoLines() if lines is None else lines)
        if self.viewer is not None and (body is not None or self.viewer.body is not None):
            self.viewer.show(body)

    def _lay_out(self, lines: Lines | None, body: "Body | None") -> None:
        """Room for the lines, for the body, or for both."""
        inside, viewer = self.is_inside, self.viewer
        if viewer is None:
            return
        viewer.display = body is not None
        self.content.display = body is None or lines is not None
        if body is None or lines is None:
            self.content.styles.height = "1fr"
        else:
            lines.reflow(self.content.width or self.size.width)
            self.content.styles.height = min(len(lines), max(3, self.size.height // _ABOVE))
        if inside and self.focused_list is self.list:
            self._into.focus()

    # The focus

    @property
    def lists(self) -> list[LineList]:
        """The lists that are displayed, in the order in which the focus goes through them."""
        inside = [self.content] if self.content.display else []
        if self.viewer is not None and self.viewer.display:
            inside.append(self.viewer.focused_list)
        return [self.list, *(inside if self.is_open else [])]

    @property
    def is_inside(self) -> bool:
        """Whether the keys go to the content."""
        viewer = self.viewer
        return self.content.has_focus or (viewer is not None and viewer.has_focus_within)

    @property
    def _into(self) -> LineList:
        """Where the keys go from the list: to the body where there is one."""
        return self.lists[-1]

    @property
    def focused_list(self) -> LineList:
        return next((found for found in self.lists if found.has_focus), self.list)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        message.stop()
        if message.sender is self.list:
            self.inspect()

    @on(LineList.Chosen)
    def _chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        if message.sender is not self.list:
            return
        if self.is_open:
            self._into.focus()
        else:
            self.open()
