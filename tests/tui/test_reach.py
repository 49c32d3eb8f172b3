"""Every command can be reached: by its key, by the palette, by a click in the help."""

from typing import TYPE_CHECKING, Any, cast

import pytest
from textual import actions
from textual.app import App

from asgitrace.tui.commands import ALL, BY_NAME, Place, Subject
from asgitrace.tui.help import key_lines
from asgitrace.tui.keymap import Keymap, usual
from asgitrace.tui.palette import entries_of_main
from asgitrace.views.look import look
from tests.tui.walking import walking_stage

if TYPE_CHECKING:
    from collections.abc import Awaitable

pytestmark = pytest.mark.anyio

TALL = (120, 40)
_ON_LIST = {Place.MAIN, Place.LISTS, Place.TABLE}
_IN_DETAIL = {Place.LISTS, Place.LINES, Place.DETAIL}


async def test_by_key() -> None:
    s = walking_stage()
    async with s.run(TALL) as pilot:
        await pilot.press("g")
        seen = {name: key for key, name in _bound(s)}
        _check(seen, _ON_LIST)
        for tab, place in (("1", Place.TIMELINE), ("4", Place.BODY)):
            await pilot.press("enter", tab)
            await pilot.pause()
            _check({name: key for key, name in _bound(s)}, {*_IN_DETAIL, place})
            await pilot.press("q")


def _bound(s: Any) -> list[tuple[str, str]]:
    bindings = s.app.screen.active_bindings.items()
    return [(key, active.binding.id or "") for key, active in bindings]


def _check(seen: dict[str, str], places: set[Place]) -> None:
    for command in ALL:
        if command.place in places and command.keys:
            assert command.name in seen, command.name
            assert seen[command.name] in usual(command.name)


async def test_by_the_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    s = walking_stage()
    done: list[tuple[str, Any]] = []

    async def dispatch(_: App[None], node: Any, name: str, params: Any) -> bool:
        assert hasattr(node, f"action_{name}") or hasattr(node, f"_action_{name}"), (node, name)
        done.append((name, params))
        return True

    async with s.run(TALL) as pilot:
        await pilot.press("g", "enter")
        entries = list(entries_of_main(s.app.main))
        commands = [
            command
            for command in ALL
            if command.name != "palette" and command.place is not Place.COMPARE
        ]
        assert {entry.help for entry in entries} == {command.help for command in commands}
        with monkeypatch.context() as patch:
            patch.setattr(App, "_dispatch_action", dispatch)
            for command in commands:
                done.clear()
                entry = next(found for found in entries if found.help == command.help)
                await cast("Awaitable[None]", entry.run())
                assert done[-1] == actions.parse(command.action)[1:], command.name


def test_by_the_help() -> None:
    keymap = Keymap()
    lines = [
        line.command
        for subject in Subject
        for line in key_lines(subject, look(), keymap, plain=False)
    ]
    assert sorted(lines) == sorted(
        name for name in BY_NAME if not name.startswith(("theme-", "layout-"))
    )


def test_keys_of_the_help_are_those_in_force() -> None:
    keymap = Keymap({"pause": "x", "clear": ""})
    lines = {
        line.command: line.what for line in key_lines(Subject.LIST, look(), keymap, plain=True)
    }
    assert (lines["pause"], lines["clear"]) == ("x", ": clear")
