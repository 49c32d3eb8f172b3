"""Typing into the application, as fast as a terminal hands it over."""

from collections.abc import Sequence

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from asgitrace.store.model import Row, RowKind, State
from asgitrace.tui.filter.bar import FilterBar
from tests.tui.conftest import Stage
from tests.tui.fakes import make_row


def burst(s: Stage, *keys: str) -> None:
    """Hand over all keys at once; texts of several characters that are no names are typed."""
    for key in keys:
        for event in _events(key):
            s.app.post_message(event)


def _events(key: str) -> Sequence[events.Key]:
    if key in NAMED:
        return [events.Key(key, None)]
    return [events.Key(_character_to_key(letter), letter) for letter in key]


NAMED = {
    *("enter", "escape", "tab", "up", "down", "left", "right", "backspace", "home", "end", "f1"),
    *("ctrl+s", "ctrl+o", "ctrl+u", "ctrl+w", "ctrl+space", "ctrl+h", "alt+left"),
}


async def typed(s: Stage, pilot: Pilot[None], *keys: str) -> None:
    """Type, and let the screen keep up."""
    burst(s, *keys)
    await pilot.pause()
    s.tick(1)
    await pilot.pause()


def bar(s: Stage) -> FilterBar:
    return s.app.main.filter_bar


def shown(s: Stage) -> list[int]:
    return [int(number) for number in s.app.main.table.cursor.numbers]


def screen_text(s: Stage) -> str:
    """What is on the screen."""
    strips = s.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def shop() -> list[Row]:
    """Some rows of each kind."""
    return [
        make_row(1, path="/tea?page=1"),
        make_row(2, path="/tea", method="POST", status=422),
        make_row(3, path="/cups", status=500, state=State.RAISED),
        make_row(4, path="/cups/tea", status=404),
        make_row(5, kind=RowKind.WEBSOCKET, method="WS", path="/chat", status=1006),
        make_row(6, path="/cart", status=200, received=70_000),
    ]
