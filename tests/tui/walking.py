"""Going through the product as somebody would; what is done is noted by its name."""

from collections import deque
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual import actions, events
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from asgitrace.settings import Settings, State
from asgitrace.store.model import Exchange
from asgitrace.tui.commands import ALL, Place
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.help_section import HelpSection
from asgitrace.tui.hints import HintBar
from tests.tui.conftest import Stage, stage
from tests.tui.detail.samples import all_exchanges
from tests.tui.fakes import make_row

if TYPE_CHECKING:
    from collections.abc import Callable


def _names(node: object, name: str, params: tuple[Any, ...]) -> set[str]:
    """The commands that an action of a widget or screen is of."""
    found = [command for command in ALL if actions.parse(command.action)[1:] == (name, params)]
    if len(found) > 1:
        on_screen = isinstance(node, Screen)
        found = [one for one in found if (one.place is Place.MAIN) is on_screen]
    return {command.name for command in found}


def walking_stage(settings: Settings | None = None, *, state: State | None = None) -> Stage:
    """A stage with exchanges in which there is something to see, the newest ones last."""
    samples = {found.row.number: found for found in all_exchanges()}
    last = max(samples)
    plain = [
        make_row(
            number,
            path=f"/items/{number}",
            connection=number % 3,
            status=500 if number % 7 else 200,
        )
        for number in range(last + 1, last + 40)
    ]
    s = stage([*(found.row for found in samples.values()), *plain], settings=settings, state=state)
    s.store.lags = deque()  # type: ignore[attr-defined]
    usual = s.store.exchange

    def exchange(number: int, now_ns: int) -> Exchange | None:
        return samples.get(number) or usual(number, now_ns)

    s.store.exchange = exchange  # type: ignore[method-assign]
    return s


async def palette_rests(pilot: Pilot[None]) -> CommandList:
    """Wait until the palette is there, has looked at all commands and shows those it found."""
    while not isinstance(palette := pilot.app.screen, CommandPalette):
        await pilot.pause()
    found = palette.query_one(CommandList)
    while any(worker.node is palette and not worker.is_finished for worker in pilot.app.workers):
        await pilot.pause(0.01)
    while not found.option_count or found.highlighted is None:
        await pilot.pause(0.01)
    await pilot.pause()
    return found


class Walk:
    """One walk through a running application."""

    def __init__(self, s: Stage, pilot: Pilot[None], patch: pytest.MonkeyPatch) -> None:
        self.s = s
        self.pilot = pilot
        self.done: set[str] = set()
        """Names of the commands that were done."""
        self._watch(patch)

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        usual = cast("Callable[..., Any]", App._dispatch_action)

        async def dispatch(app: App[None], node: Any, name: str, params: Any) -> Any:
            handled = await usual(app, node, name, params)
            if handled:
                self.done |= _names(node, name, tuple(params))
            return handled

        patch.setattr(App, "_dispatch_action", dispatch)

    # Keys

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def shown(self, screen: type[Screen[Any]]) -> Screen[Any]:
        """Wait until such a screen is on top."""
        for _ in range(200):
            if isinstance(self.s.app.screen, screen):
                await self.pilot.pause()
                return self.s.app.screen
            await self.pilot.pause(0.01)
        raise AssertionError(f"{screen.__name__} never came; there is {self.s.app.screen}")

    async def back(self) -> None:
        """Wait until the main screen is on top."""
        await self.shown(type(self.s.app.main))

    # Mouse

    async def click(self, widget: Widget | type[Widget] | str, x: int = 1, y: int = 0) -> None:
        found = widget if isinstance(widget, Widget) else self.s.app.screen.query_one(widget)
        assert await self.pilot.click(found, offset=(x, y)), f"{found} is covered"
        await self.pilot.pause()

    async def click_word(self, widget: Widget | type[Widget] | str, word: str, y: int = 0) -> None:
        """Click on a word in a line that a widget draws."""
        found = widget if isinstance(widget, Widget) else self.s.app.screen.query_one(widget)
        text = found.render_line(y).text
        assert word in text, f"no {word!r} in {text!r}"
        await self.click(found, text.index(word), y)

    async def hint(self, word: str) -> None:
        await self.click_word(self.s.app.screen.query_one(HintBar), word)

    async def choose_in_help(self, name: str, screen: type[Screen[Any]] | None = None) -> None:
        """Click on the line of a command in the help, which a click on its hint opens; it leads
        to such a screen, or else to the main one."""
        self.s.app.main.hints.be_quiet()
        await self.hint("help")
        await self.shown(HelpScreen)
        box = self.s.app.screen.query_one("#help-box")
        while not all(section.region for section in box.query(HelpSection)):
            await self.pilot.pause(0.01)
        for section in self.s.app.screen.query(HelpSection):
            if _line_of(section, name) is not None:
                await self._in_view(box, section, name)
                await self.click(section, 1, _line_of(section, name) or 0)
                await self.shown(screen or type(self.s.app.main))
                return
        raise AssertionError(f"{name} is not in the help")

    async def _in_view(self, box: Widget, section: HelpSection, name: str) -> None:
        """Scroll until the line of a command is seen. Once it is drawn, a section is broken for
        the width that it has, which moves its lines."""
        seen = -1
        for _ in range(200):
            y = section.region.y + (_line_of(section, name) or 0)
            if y == seen and y in range(box.region.y, box.region.bottom):
                return
            box.scroll_to(y=box.scroll_y + y - box.region.y - 5, animate=False)
            seen = y
            await self.pilot.pause(0.01)
        raise AssertionError(f"{name} does not come into view")

    async def wheel(self, widget: Widget, event: type[events.MouseEvent]) -> None:
        await self.pilot._post_mouse_events([event], widget, (1, 1))
        await self.pilot.pause()


def _line_of(section: HelpSection, name: str) -> int | None:
    """The line of a command in a section of the help."""
    lines = range(section.virtual_region.height)
    return next((y for y in lines if section.command_at(y) == name), None)
