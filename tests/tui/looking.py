"""What is drawn, looked at for what should not be there."""

import asyncio
from typing import Any, Final

import pytest
from rich.segment import Segment
from textual._compositor import Compositor
from textual.app import App
from textual.color import Color
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input, TextArea

from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.safe_text import Inert
from tests.tui.conftest import Stage
from tests.tui.walking import Walk

OTHER_SIZES: Final = ((120, 40), (20, 5))
_PATIENCE: Final = 300
_ROUNDS: Final = 6


class Looking(Walk):
    """A walk on which each screen is drawn and looked at."""

    def __init__(self, s: Stage, pilot: Any, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        """All that was drawn."""
        self.places = 0
        self._leaks: list[str] = []
        super().__init__(s, pilot, patch)
        usual = Inert.apply

        def apply(gate: Inert, segments: list[Segment], background: Color) -> list[Segment]:
            self._leaks += [text for text, _, _ in segments if not text.isprintable()]
            return usual(gate, segments, background)

        patch.setattr(Inert, "apply", apply)

        def evil(_: App[None], *__: object) -> None:
            raise AssertionError("markup has acted")

        patch.setattr(App, "action_evil", evil, raising=False)
        # What Textual would paint by itself, it would paint for nobody.
        patch.setattr(Compositor, "render_update", lambda *_, **__: None)

    def look(self, where: str = "") -> str:
        """Draw the screen; nothing in it is obeyed by a terminal or a mouse."""
        where = where or str(self.s.app.screen)
        lines = []
        for strip in self.s.app.screen._compositor.render_strips():
            for text, style, control in strip:
                assert not control, (where, control)
                assert text.isprintable(), (where, text)
                if style is not None:
                    assert not style.link, (where, text, style.link)
                    assert not style.blink, (where, text)
                    assert "evil" not in repr(style.meta), (where, text)
            lines.append(strip.text)
        assert not self._leaked(), f"{where}: only the last gate held back {self._leaked()!r}"
        self._leaks.clear()
        shown = "\n".join(lines)
        shown.encode()
        self.seen.append(shown)
        self.places += 1
        return shown

    def _leaked(self) -> list[str]:
        """What was not clean when it was drawn. Where one types, the text stays as it is, and the
        widget breaks and cuts it: then only the gate counts."""
        screen = self.s.app.screen
        # A placeholder that is too long for its line is broken by Textual.
        leaks = [text for text in self._leaks if text.strip()]
        if not leaks or screen.query(TextArea):
            return []
        typed = "".join(found.value + (found._suggestion or "") for found in screen.query(Input))
        return leaks if typed.isprintable() else []

    async def press(self, *keys: str) -> None:
        """As somebody types, but without the pauses."""
        for key in keys:
            self.s.app.simulate_key(key)
            await self.settled()

    async def settled(self) -> None:
        """Wait until nobody has a message to handle."""
        quiet = 0
        while quiet < _ROUNDS:
            await asyncio.sleep(0)
            app = self.s.app
            busy = any(pump.message_queue_size for pump in (app, *app.screen.walk_children()))
            quiet = 0 if busy else quiet + 1

    async def everywhere(self, *sizes: tuple[int, int]) -> None:
        """Look in other sizes too, and go back to this one."""
        usual = self.s.app.size
        for width, height in (*sizes, usual):
            size = Size(width, height)
            driver: Any = self.s.app._driver
            driver._size = size
            self.s.app.post_message(Resize(size, size))
            # Textual waits a little for more of them.
            while self.s.app.screen.size != size:
                await self.pilot.pause(0.005)
            await self.settled()
            self.look(f"{self.s.app.screen} at {size}")

    async def go(self, *keys: str, where: str = "") -> str:
        """Press keys one by one and look after each."""
        shown = ""
        for key in keys:
            await self.press(key)
            shown = self.look(f"{where or self.s.app.screen}: {key}")
        assert self.s.app.is_running
        return shown

    async def opens(self, key: str, screen: type[Screen[Any]]) -> Screen[Any]:
        """A key leads to a screen, of which all lists have done their work."""
        await self.press(key)
        found = await self.shown(screen)
        await self.worked()
        await self.everywhere(*OTHER_SIZES)
        return found

    async def worked(self) -> None:
        """Wait until no list has work to do."""
        for _ in range(_PATIENCE):
            lists = self.s.app.screen.query(LineList)
            if not sum(shown.lines.work() for shown in lists):
                break
        await self.settled()

    async def leave(self, *keys: str) -> None:
        """Back to the main screen."""
        await self.press(*(keys or ("escape",)))
        await self.back()
