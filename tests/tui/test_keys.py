"""Names of keys, and which of them do what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.settings import Mistake, Settings
from asgitrace.tui.commands import ALL, BY_NAME, Place
from asgitrace.tui.keymap import Keymap, contend, usual
from asgitrace.tui.keys import KeyNameError, read_keys, shown_key, written_keys
from tests.tui.conftest import stage


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("f, /", ("f", "slash")),
        ("F,shift+f", ("F",)),
        ("esc , Return, PgDn", ("escape", "enter", "pagedown")),
        ("ctrl+up, CTRL+S, alt+x", ("ctrl+up", "ctrl+s", "alt+x")),
        ("shift+ctrl+left", ("ctrl+shift+left",)),
        ("comma, space, +, -, f12", ("comma", "space", "plus", "minus", "f12")),
        ("?, question_mark", ("question_mark",)),
        ("ö", ("ö",)),
    ],
)
def test_keys_are_read(text: str, keys: tuple[str, ...]) -> None:
    assert read_keys(text) == keys


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("spcae", "there is no key 'spcae'; did you mean 'space'?"),
        ("windows+x", "there is no key 'windows', write for example f, /, space or ctrl+up"),
        ("ctrl+", "there is no key ''"),
        ("f,,g", "there is no key ''"),
        ("contrl+x", "there is no key 'contrl'; did you mean 'ctrl'?"),
    ],
)
def test_keys_that_there_are_not(text: str, sentence: str) -> None:
    with pytest.raises(KeyNameError) as caught:
        read_keys(text)
    assert str(caught.value).startswith(sentence)


_names = st.sampled_from(sorted({key for command in ALL for key in read_keys(command.keys)}))
_single = st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P", "S"])


@given(st.lists(_names | _single, max_size=4))
def test_keys_are_written_as_they_are_read(keys: list[str]) -> None:
    known = read_keys(", ".join("comma" if key == "," else key for key in keys))
    assert read_keys(written_keys(known)) == known


def test_how_keys_are_shown() -> None:
    shown = [shown_key(key) for key in ("slash", "escape", "ctrl+up", "F", "pagedown", "comma")]
    assert shown == ["/", "esc", "ctrl+↑", "F", "pgdn", ","]
    assert shown_key("ctrl+up", plain=True) == "ctrl+up"


def test_every_command_is_well_made() -> None:
    assert len(BY_NAME) == len(ALL)
    for command in ALL:
        assert command.name.replace("-", "").isalnum(), command.name
        assert command.name == command.name.lower()
        assert command.label
        assert command.help[0].isupper(), command.name
        assert not command.help.endswith("."), command.name
        assert len(command.help) <= 72, command.name
        assert usual(command.name) == tuple(filter(None, command.keys.split(","))), command.name


def test_no_two_commands_have_the_same_key() -> None:
    for at, one in enumerate(ALL):
        for other in ALL[:at]:
            if contend(one, other):
                assert not set(usual(one.name)) & set(usual(other.name)), (one.name, other.name)


def test_a_chosen_key_is_taken_from_who_usually_has_it() -> None:
    keymap = Keymap({"pause": "c, u", "save": "j"})
    assert keymap.keys("pause") == ("c", "u")
    assert keymap.keys("copy") == ("y",)
    assert keymap.keys("down") == ("down",)
    assert keymap.first("copy") == "y"
    assert keymap.lost == ()
    assert Keymap({"pause": "z"}).lost == ("clear",)
    assert Keymap({"pause": "z", "clear": ""}).lost == ()


def test_the_detail_has_keys_of_its_own() -> None:
    keymap = Keymap({"sort": "b"})
    assert keymap.keys("sides") == ("b",)
    assert contend(BY_NAME["view"], BY_NAME["choose"])
    assert not contend(BY_NAME["view"], BY_NAME["renderer"])
    assert not contend(BY_NAME["view"], BY_NAME["reverse"])


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"sav": "s"}, "there is no command 'sav'; did you mean 'save'?"),
        ({"xyzzy": "s"}, "there is no command 'xyzzy'; 'asgitrace config' lists them"),
        ({"save": "spcae"}, "there is no key 'spcae'; did you mean 'space'?"),
        ({"save": "ctrl+q"}, "ctrl+q cannot be given to a command; take another key"),
        ({"save": "x", "log": "x"}, "x is the key of 'save' too; give one of them another"),
    ],
)
def test_mistakes(chosen: dict[str, str], sentence: str) -> None:
    with pytest.raises(Mistake) as caught:
        Keymap(chosen)
    assert str(caught.value) == sentence
    assert caught.value.path == ("keys", list(chosen)[-1])


_free = st.sampled_from(["x", "u", "f5", "ctrl+g", "alt+x", "w", "z", "j", "1"])


@given(st.dictionaries(st.sampled_from(sorted(BY_NAME)), _free, max_size=4))
def test_every_key_does_one_thing(chosen: dict[str, str]) -> None:
    try:
        keymap = Keymap(chosen)
    except Mistake:
        return
    for at, one in enumerate(ALL):
        for other in ALL[:at]:
            if contend(one, other):
                assert not set(keymap.keys(one.name)) & set(keymap.keys(other.name))


@pytest.mark.anyio
async def test_keys_from_the_configuration_are_in_force() -> None:
    s = stage(50, settings=Settings(keys={"pause": "c", "down": "s", "view": "u", "quit": ""}))
    async with s.run((120, 40)) as pilot:
        main = s.app.main
        await pilot.press("c")
        assert "paused" in s.status
        await pilot.press("space", "Q")
        assert "paused" in s.status
        await pilot.press("c", "k", "k", "s", "j")
        assert main.table.cursor.current == 49
        hints = {key: label for key, label, _ in main.hints.shown}
        assert (hints["c"], hints["f"]) == ("pause", "filter")
        assert "quit" not in hints.values()
        bound = {
            active.binding.id: key
            for key, active in s.app.screen.active_bindings.items()
            if active.binding.id
        }
        assert bound["pause"] == "c"
        assert "clear" in bound


@pytest.mark.anyio
async def test_textual_has_the_keys_of_the_map() -> None:
    """What Textual makes of the map, for every command of the main screen and its list."""
    chosen = {"pause": "f", "filter": "space", "down": "k", "up": "j", "save": "f9", "mark": ""}
    s = stage(5, settings=Settings(keys=chosen))
    async with s.run((120, 40)):
        bound: dict[str, set[str]] = {}
        for key, active in s.app.screen.active_bindings.items():
            if active.binding.id:
                bound.setdefault(active.binding.id, set()).add(key)
        for command in ALL:
            if command.place in (Place.MAIN, Place.LISTS, Place.TABLE):
                keys = set(s.app.keymap.keys(command.name)) or {"unbound"}
                if command.keys:
                    assert keys - {"unbound"} <= bound.get(command.name, set()), command.name
