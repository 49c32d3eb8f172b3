"""The list of lines: folding, and what is seen of what is unfolded."""

import pytest
from rich.segment import Segment
from textual.app import App, ComposeResult

from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.theme import DARK_NAME, THEMES
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from tests.tui.detail.conftest import worked

pytestmark = pytest.mark.anyio

HEIGHT = 10
INSIDE = 40


class Sections(Lines):
    """Lines of which the last one holds others."""

    def __init__(self, before: int) -> None:
        self.holder = before
        self.opened = False

    def __len__(self) -> int:
        return self.holder + 1 + INSIDE * self.opened

    def text(self, index: int) -> str:
        return f"line {index}"

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return [Segment(self.text(index), look.text)]

    def parent(self, index: int) -> int:
        return min(index, self.holder)

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        if index != self.holder or opened is self.opened:
            return False
        self.opened = not self.opened
        return True


class Host(App[None]):
    def __init__(self, lines: Lines) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK_NAME
        self.shown = LineList()
        self._lines = lines

    def compose(self) -> ComposeResult:
        yield self.shown

    def on_mount(self) -> None:
        self.shown.show_lines(self._lines)
        self.shown.focus()


@pytest.mark.parametrize("key", ["enter", "space", "right"])
async def test_what_is_unfolded_at_the_bottom_is_seen(key: str) -> None:
    app = Host(Sections(HEIGHT - 1))
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        await pilot.press("end", key)
        assert app.shown.cursor == HEIGHT - 1
        assert app.shown.top == HEIGHT // 2


async def test_nothing_moves_where_it_is_seen_anyway() -> None:
    app = Host(Sections(2))
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        await pilot.press("end", "space")
        assert app.shown.top == 0


async def test_a_line_folds_what_holds_it() -> None:
    lines = Sections(2)
    app = Host(lines)
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        await pilot.press("end", "space", "end", "space")
        assert not lines.opened
        assert app.shown.cursor == lines.holder
        assert app.shown.top == 0
        await pilot.press("home", "space")
        assert not lines.opened


class Coloured(Sections):
    """Lines that get their words only when they are worked on."""

    def __init__(self) -> None:
        super().__init__(2)
        self.words = "plain"

    def text(self, index: int) -> str:
        return self.words

    def work(self) -> bool:
        was, self.words = self.words, "in colours"
        return was != self.words


async def test_what_changes_while_there_are_as_many_lines_is_seen() -> None:
    app = Host(Coloured())
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        await worked(pilot)
        strips = app.screen._compositor.render_strips()
        assert "in colours" in strips[0].text
