"""Which keys do what: the usual ones, with what the configuration says in their place."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from textual.widget import Widget

from asgitrace.settings import Mistake
from asgitrace.tui.commands import ALL, BY_NAME, NO_KEY, Command, Place
from asgitrace.tui.keys import FIXED, KeyNameError, read_keys, shown_key

_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_TOGETHER: Final = (
    {Place.MAIN, Place.TABLE},
    set(Place) - {Place.MAIN, Place.TABLE, Place.COMPARE},
    {Place.COMPARE, Place.LINES},
)
"""Places whose keys are in each other's way: on the list, and in the detail. The detail is on the
main screen too, and has keys of its own in place of the screen's on purpose."""

_APART: Final = ({Place.TIMELINE, Place.EVENTS}, {Place.BODY}, {Place.LOG}, {Place.COMPARE})
"""Places of which no two are seen at a time, or one lies in the other."""
_PASSED_ON: Final = {Place.EVENTS, Place.LINES}
"""Events cannot be folded: that key goes on to what holds their list."""


def contend(one: Command, other: Command) -> bool:
    """Whether two commands cannot have the same key."""
    if one.place is other.place or Place.LISTS in (one.place, other.place):
        return True
    both = {one.place, other.place}
    if both == _PASSED_ON or sum(bool(both & places) for places in _APART) > 1:
        return False
    return any(both <= places for places in _TOGETHER)


class Keymap:
    """The keys that are in force. ``chosen`` are keys by name of command; raises `Mistake` where
    they cannot be meant. A chosen key is taken away from the command that usually has it."""

    def __init__(self, chosen: Mapping[str, str] = _NONE) -> None:
        own = {name: _read(name, keys) for name, keys in chosen.items()}
        _check(own)
        self._keys = {
            command.name: own[command.name]
            if command.name in own
            else tuple(_left(command, own.items()))
            for command in ALL
        }
        self.lost = tuple(
            name
            for name, keys in self._keys.items()
            if not keys and usual(name) and name not in own
        )
        """Names of commands that have no key left, without that having been asked for."""

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command, as Textual names them."""
        return self._keys[name]

    def shown(self, name: str, *, plain: bool = False) -> str:
        """All keys of a command as people read them; empty where it has none."""
        return " ".join(shown_key(key, plain=plain) for key in self._keys[name])

    def first(self, name: str, *, plain: bool = False) -> str:
        """Its first key as people read it."""
        keys = self._keys[name]
        return shown_key(keys[0], plain=plain) if keys else ""

    def changed(self) -> dict[str, str]:
        """The keys of those commands that have others than usual, as Textual takes them."""
        return {
            name: ",".join(keys) or NO_KEY
            for name, keys in self._keys.items()
            if keys != usual(name)
        }


def usual(name: str) -> tuple[str, ...]:
    """The keys that a command has where nothing else is configured."""
    return read_keys(BY_NAME[name].keys)


def _read(name: str, keys: str) -> tuple[str, ...]:
    if name not in BY_NAME:
        near = get_close_matches(name, BY_NAME, 1, 0.5)
        meant = f"did you mean {near[0]!r}?" if near else "'asgitrace config' lists them"
        raise Mistake(("keys", name), f"there is no command {name!r}; {meant}")
    try:
        found = read_keys(keys)
    except KeyNameError as error:
        raise Mistake(("keys", name), str(error)) from None
    fixed = next((key for key in found if key in FIXED), None)
    if fixed is not None:
        raise Mistake(("keys", name), f"{fixed} cannot be given to a command; take another key")
    return found


def _check(own: Mapping[str, tuple[str, ...]]) -> None:
    """Raises where two were given the same key."""
    names = list(own)
    for at, name in enumerate(names):
        for other in names[:at]:
            both = set(own[name]) & set(own[other])
            if both and contend(BY_NAME[name], BY_NAME[other]):
                key = shown_key(min(both), plain=True)
                text = f"{key} is the key of {other!r} too; give one of them another"
                raise Mistake(("keys", name), text)


def _left(command: Command, own: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """The usual keys of a command that no other one was given."""
    taken = {key for name, keys in own for key in keys if contend(command, BY_NAME[name])}
    return (key for key in usual(command.name) if key not in taken)


@runtime_checkable
class HasKeymap(Protocol):
    """An app that says which keys do what."""

    keymap: Keymap


def keymap_of(widget: Widget) -> Keymap:
    """The keymap of the app a widget is in, or the usual one."""
    app = widget.app
    return app.keymap if isinstance(app, HasKeymap) else Keymap()
