"""The one list of the detail pane: shows any `Lines`, makes only those that are on the screen."""

from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.actions import SkipAction
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.signal import Signal
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.commands import MOVES, bind
from asgitrace.tui.detail.line_search import SearchedLines
from asgitrace.tui.detail.look import look_of
from asgitrace.tui.scrolling import LineScroll
from asgitrace.views.lines import Lines, NoLines
from asgitrace.views.match_marks import with_glyph
from asgitrace.views.rows import fit

_WORK_SECONDS: Final = 1 / 30


class LineList(SearchedLines, LineScroll, can_focus=True):
    """Lines with a cursor. While it follows, the cursor stays on the last line."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        width: 1fr;
        height: 1fr;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        *map(bind, ("choose", "fold", "fold-up", "unfold")),
    ]

    class _About(Message):
        def __init__(self, sender: "LineList") -> None:
            super().__init__()
            self.sender = sender

        @property
        def control(self) -> "LineList":
            return self.sender

    class Moved(_About):
        """The cursor is on another line."""

    class Chosen(_About):
        """The line under the cursor is to be opened."""

    def __init__(self, *, empty: str = "", follows: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.resized = Signal[None](self, "resized")
        """Told when the lines have another width."""
        self.lines: Lines = NoLines()
        self.cursor = 0
        self.follow = False
        self.empty = empty
        """What is said where there are no lines."""
        self._follows = follows
        self._known = 0
        self._top = 0

    # What is shown

    def show_lines(self, lines: Lines, *, at_end: bool = False) -> None:
        """Show other lines, from their start or their end."""
        self.lines = lines
        self.change += 1
        if self.width:
            lines.reflow(self.width)
        self._seek()
        self.cursor = max(0, len(lines) - 1) if at_end else 0
        self.follow = at_end and self._follows
        self._known = len(lines)
        self._resize_content()
        self._scroll_top(len(lines) if at_end else 0)
        self._watch_work()

    def grown(self, *, gone: int = 0) -> None:
        """The lines changed in number; ``gone`` of them from the front."""
        if gone:
            self.gone += gone
            self.cursor = max(0, self.cursor - gone)
            self._scroll_top(self._top - gone)
        self._resize_content()
        if self.follow:
            self._to_end()
        else:
            self.cursor = max(0, min(self.cursor, len(self.lines) - 1))
            self._scroll_top(self._top)
        self._watch_work()

    def repaint_live(self) -> None:
        """Draw those lines in view again that change with the time."""
        for y in range(min(self.size.height, len(self.lines) - self._top)):
            if self.lines.live(self._top + y):
                self.refresh_line(self._top + y)

    def repaint(self) -> None:
        """Draw all lines in view again."""
        self.refresh(self.size.region)

    @property
    def current(self) -> int | None:
        """Index of the line under the cursor."""
        return self.cursor if self.cursor < len(self.lines) else None

    def copy_text(self) -> str | None:
        """What a copy of the line under the cursor gives."""
        return None if self.current is None else self.lines.text(self.cursor)

    @property
    def width(self) -> int:
        """Cells beside the scrollbar, which ``size`` counts in."""
        return max(0, self.size.width - self.scrollbar_gutter.width)

    def _resize_content(self) -> None:
        # virtual_size lays the whole screen out when it is assigned; only the scrollbar has to
        # know.
        size = Size(self.width, len(self.lines))
        self._known = size.height
        if size == self.virtual_size:
            return
        self.set_reactive(Widget.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        self.vertical_scrollbar.window_size = self.size.height

    def _scroll_top(self, top: int) -> None:
        self._top = max(0, min(top, len(self.lines) - self.page_height))
        self.set_scroll(None, self._top)
        self.scroll_target_y = self._top
        self.vertical_scrollbar.position = self._top
        self.refresh(self.size.region)

    @property
    def top(self) -> int:
        return self._top

    def on_mount(self) -> None:
        self._worker = self.set_interval(_WORK_SECONDS, self._work, pause=True)
        self._watch_work()

    def _watch_work(self) -> None:
        if self.is_mounted:
            self._worker.resume()

    def _work(self) -> None:
        sought = self._seek_on()
        changed = self.lines.work()
        if not changed and not sought:
            self._worker.pause()
        elif len(self.lines) != self._known:
            self.grown()
        elif changed:
            # As many lines as before, but colours came.
            self.refresh()

    def on_resize(self) -> None:
        before = len(self.lines)
        share = self.cursor / before if before else 0.0
        self.lines.reflow(self.width)
        if before != len(self.lines):
            self.change += 1
            self.cursor = int(share * len(self.lines))
        self.grown()
        self._reveal()
        self.resized.publish(None)

    # Drawing

    def render_line(self, y: int) -> Strip:
        look = look_of(self)
        width = self.width
        index = self._top + y
        if index >= len(self.lines):
            note = f"  {self.empty}" if y == 1 and not len(self.lines) else ""
            return Strip([Segment(fit(note, width, look), look.ground + look.dim)], width)
        focused = self.has_focus
        selected = index == self.cursor and (focused or self._follows)
        cells = Segment.adjust_line_length(self.lines.cells(index, width, look), width, look.text)
        under = look.ground
        if selected:
            under += look.cursor if focused else look.cursor_away
        if self._needle is not None:
            cells = self._marked(index, cells, look, current=index == self.cursor)
        segments = list(Segment.apply_style(cells, under))
        if selected and focused:
            segments = with_glyph(segments, look.glyphs.cursor, under + look.accent)
        return Strip(segments, width)

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh(self.size.region)

    # Moving

    def select(self, index: int) -> None:
        """Put the cursor on a line and let it be seen."""
        index = max(0, min(index, len(self.lines) - 1))
        before, self.cursor = self.cursor, index
        self._seeking = None
        self._reveal(before)
        if index != before:
            self.post_message(self.Moved(self))

    def _reveal(self, before: int | None = None) -> None:
        """Let the cursor be seen, which came from this line: if the window stays where it is, only
        two of the lines look different."""
        top = max(min(self._top, self.cursor), self.cursor - self.page_height + 1, 0)
        if before is None or top != self._top:
            self._scroll_top(top)
            return
        for line in {before, self.cursor}:
            self.refresh_line(line)

    def _to_end(self) -> None:
        moved = self.cursor != len(self.lines) - 1
        self.cursor = max(0, len(self.lines) - 1)
        self._scroll_top(len(self.lines))
        if moved:
            self.post_message(self.Moved(self))

    def action_move(self, distance: int) -> None:
        self.follow = False
        self.select(self.cursor + distance)

    def action_page(self, pages: int) -> None:
        distance = pages * max(1, self.page_height - 1)
        self.follow = False
        self._scroll_top(self._top + distance)
        self.select(self.cursor + distance)

    def action_first(self) -> None:
        self.follow = False
        self.select(0)

    def action_last(self) -> None:
        self.follow = self._follows
        self.select(len(self.lines) - 1)

    def action_choose(self) -> None:
        if self.current is not None and not self._toggle(None):
            self.post_message(self.Chosen(self))

    def action_fold(self) -> None:
        if not self._toggle(None) and not self._fold_holder():
            raise SkipAction

    def action_open_fold(self) -> None:
        self._toggle(True)

    def action_close_fold(self) -> None:
        if self.current is not None and not self._toggle(False):
            self.follow = False
            self.select(self.lines.parent(self.cursor))

    def _toggle(self, opened: bool | None) -> bool:
        before = len(self.lines)
        if self.current is None or not self.lines.toggle(self.cursor, opened):
            return False
        self.follow = False
        self.change += 1
        self.grown()
        self._reveal_below(len(self.lines) - before)
        return True

    def _fold_holder(self) -> bool:
        """Fold what the line under the cursor is folded into, and go there."""
        held = self.cursor
        holder = held if self.current is None else self.lines.parent(held)
        if holder == held or not self.lines.toggle(holder, False):
            return False
        self.follow = False
        self.change += 1
        self.select(holder)
        self.grown()
        return True

    def _reveal_below(self, count: int) -> None:
        """Let so many lines below the cursor be seen, or as many as half a page has."""
        last = self.cursor + min(count, self.page_height // 2)
        if count > 0 and last >= self._top + self.page_height:
            self._scroll_top(last - self.page_height + 1)

    # Mouse

    def scroll_by(self, lines: int) -> None:
        """Move the window over the lines; the cursor stays where it is."""
        if lines < 0:
            self.follow = False
        self._scroll_top(self._top + lines)

    def on_click(self, event: events.Click) -> None:
        index = self._top + event.y
        if event.button != 1 or index >= len(self.lines):
            return
        self.follow = False
        if index == self.cursor:
            self.action_choose()
        else:
            self.select(index)
