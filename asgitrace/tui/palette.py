"""The command palette: every command of the table, with its keys, found by name or by what it does.

Texts of the user's, as filters, are among them: they are shown as they are, never as markup.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape
from textual.screen import Screen

from asgitrace.tui.commands import ALL, BY_NAME, Place, Subject
from asgitrace.tui.keymap import Keymap, keymap_of
from asgitrace.views.clean import clean

if TYPE_CHECKING:
    from asgitrace.tui.actions import Actions

Run = Callable[[], Awaitable[Any] | Any]

_ORDER: Final = {subject: at for at, subject in enumerate(Subject)} | {Subject.MOVING: len(Subject)}
"""As in the help, but for what nobody looks up here."""
_NOT_HERE: Final = frozenset({"palette"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette."""

    title: str
    keys: str
    help: str
    run: Run


def entries_of_main(main: "Actions") -> Iterator[Entry]:
    """All commands, by subject, and the filters that have a name."""
    keymap = keymap_of(main)
    for command in sorted(ALL, key=lambda command: _ORDER[command.subject]):
        if command.name not in _NOT_HERE and command.place is not Place.COMPARE:
            title = command.label[:1].upper() + command.label[1:]
            yield Entry(
                title, _keys(keymap, command.name, main), command.help, main.runner(command)
            )
    for name, text in main.trace_app.settings.filters.items():
        yield Entry(f"Filter: {name}", "", text, partial(main.apply_filter, text))


def entries_of_screen(screen: Screen[Any]) -> Iterator[Entry]:
    """What another screen does: those of its keys that are in the table."""
    keymap = keymap_of(screen)
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        command = BY_NAME.get(binding.id or "")
        if command is None or command.name in seen or command.name in _NOT_HERE:
            continue
        seen.add(command.name)

        def run(node: Any = active.node, action: str = binding.action) -> Awaitable[Any]:
            return node.run_action(action)  # type: ignore[no-any-return]

        title = command.label[:1].upper() + command.label[1:]
        yield Entry(title, _keys(keymap, command.name, screen), command.help, run)


def _keys(keymap: Keymap, name: str, screen: Screen[Any]) -> str:
    return keymap.shown(name, plain=screen.app.plain)  # type: ignore[attr-defined]


class Commands(Provider):
    """Finds commands for Textual's palette."""

    @property
    def _entries(self) -> Iterator[Entry]:
        from asgitrace.tui.actions import Actions

        screen = self.screen
        return entries_of_main(screen) if isinstance(screen, Actions) else entries_of_screen(screen)

    async def discover(self) -> Hits:
        for entry in self._entries:
            yield DiscoveryHit(
                _with_keys(Content(clean(entry.title)), entry),
                entry.run,
                text=entry.title,
                help=escape(clean(entry.help)),
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries:
            title = clean(entry.title)
            by_title, by_help = matcher.match(title), matcher.match(entry.help) / 2
            score = max(by_title, by_help)
            if score > 0:
                shown = matcher.highlight(title) if by_title else Content(title)
                yield Hit(
                    score,
                    _with_keys(shown, entry),
                    entry.run,
                    text=entry.title,
                    help=escape(clean(entry.help)),
                )


def _with_keys(title: Content, entry: Entry) -> Content:
    keys = Content.styled(f"  {entry.keys}", "not bold $accent") if entry.keys else Content("")
    return title + keys
