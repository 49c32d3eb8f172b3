"""A line of words of which one is chosen."""

import asyncio

from textual.app import App, ComposeResult

from asgitrace.tui.detail.choices import ChoiceBar

WORDS = [f"Renderer{number}" for number in range(9)]


class Host(App[None]):
    """Chooses what is clicked."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = ChoiceBar()
        self.picked: list[tuple[int, int]] = []

    def compose(self) -> ComposeResult:
        yield self.bar

    def on_choice_bar_picked(self, message: ChoiceBar.Picked) -> None:
        self.picked.append((message.group, message.index))
        if message.group:
            self.bar.show((["Side", "Other"], 0), (WORDS, message.index))

    @property
    def line(self) -> str:
        return "".join(segment.text for segment in self.bar.render_line(0)).rstrip()


def test_words_that_have_no_room_are_reached() -> None:
    async def scenario() -> None:
        app = Host()
        async with app.run_test(size=(60, 5)) as pilot:
            app.bar.show((["Side", "Other"], 0), (WORDS, 0))
            assert app.line == "[Side] Other  │ [Renderer0] Renderer1  Renderer2  >"
            for _ in WORDS:
                await pilot.click(app.bar, offset=(len(app.line) - 1, 0))
                last = app.picked[-1][1]
                assert f"[Renderer{last}]" in app.line
                assert len(app.line) <= 60
                if last == 8:
                    break
            assert last == 8
            assert not app.line.endswith(">")
            await pilot.click(app.bar, offset=(app.line.index("<"), 0))
            assert app.picked[-1][1] < 8
            await pilot.click(app.bar, offset=(8, 0))
            assert app.picked[-1] == (0, 1)
            before = len(app.picked)
            await pilot.click(app.bar, offset=(14, 0))
            await pilot.click(app.bar, offset=(59, 0))
            assert len(app.picked) == before

    asyncio.run(scenario())


def test_words_that_have_room_are_all_seen() -> None:
    async def scenario() -> None:
        app = Host()
        async with app.run_test(size=(120, 5)):
            app.bar.show((["a", "b"], 1), (["c", "d"], 0), note=("note", "dim"))
            assert app.line == " a [b] │ [c] d   note"
            app.bar.show((WORDS, 4), note=("no room", "dim"))
            assert "[Renderer4]" in app.line

    asyncio.run(scenario())
