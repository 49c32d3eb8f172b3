"""The lowest line: the keys that matter, or for a few seconds what just happened."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from asgitrace.tui.commands import BY_NAME, COMMANDS
from asgitrace.tui.keymap import keymap_of
from asgitrace.views.clean import clean
from asgitrace.views.look import ASCII, Look

if TYPE_CHECKING:
    from textual.timer import Timer

_SECONDS: Final = 5.0
Hint = tuple[str, str, str]
"""The name of a command, of which the key is shown, or a key; what it does; the action."""
_OPEN: Final[Hint] = ("open", "open", "open")
_BACK: Final[Hint] = ("back", "back", "quit_hint")
_OTHER: Final[Hint] = ("other-pane", "list or detail", "other_pane")
_TABS: Final[Hint] = ("1-6", "tabs", "")
_COPY: Final[Hint] = ("copy", "copy", "copy")
_DETAIL: Final[tuple[Hint, ...]] = (
    _TABS,
    _COPY,
    ("help", "help", "help"),
    ("quit", "quit", "leave"),
)
_SPARE: Final = tuple((label, action) for _, label, action in (_OTHER, _TABS, _COPY))
"""What goes first in the detail: the keys of what has the focus matter more."""
_LIST: Final[tuple[Hint, ...]] = (
    _OPEN,
    *(
        (command.name, command.label, command.action)
        for command in sorted(COMMANDS, key=lambda command: command.hint)
        if command.hint
    ),
)


class HintBar(Widget):
    """Hints that can be clicked, which does what their keys do, and messages."""

    def __init__(self, look: Callable[[], Look], *, raised: bool = False) -> None:
        """``raised``: it is in a box, not on the ground."""
        super().__init__()
        self._raised = raised
        self._margin = 0 if raised else 1
        self._look = look
        self.message = ""
        self._wrong = False
        self._timer: Timer | None = None
        self._hints: Sequence[Hint] = _LIST

    def for_list(self) -> None:
        """Show the keys of the list."""
        self.show_keys(_LIST)

    def for_detail(self, keys: Sequence[Hint]) -> None:
        """Show the keys of the detail, those of what has the focus in it first."""
        taken = {key for key, _, _ in keys}
        general = (hint for hint in (_BACK, _OTHER) if hint[0] not in taken)
        self.show_keys((*keys, *general, *_DETAIL))

    def show_keys(self, hints: Sequence[Hint]) -> None:
        """Show keys, what they do, and the actions of their screen."""
        if hints != self._hints:
            self._hints = hints
            self.refresh(self.size.region)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Show a sentence instead of the hints, until the next one or for some seconds."""
        self.message, self._wrong = clean(text), wrong
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_SECONDS * (2 if wrong else 1), self.be_quiet)
        self.refresh(self.size.region)

    def be_quiet(self) -> None:
        self.message = ""
        self.refresh(self.size.region)

    def render_line(self, y: int) -> Strip:
        look = self._look()
        width = self.size.width
        under = look.raised if self._raised else look.ground
        if self.message:
            style = look.bad if self._wrong else look.text
            segments = [Segment(f" {self.message}", style)]
        else:
            segments = [Segment(" " * self._margin, look.dim)]
            for key, label, _ in self._fitting():
                segments += (Segment(key, look.accent), Segment(f" {label}   ", look.dim))
        segments = Segment.adjust_line_length(segments, width, look.dim)
        return Strip(Segment.apply_style(segments, under), width)

    @property
    def shown(self) -> list[Hint]:
        """The hints, with the keys that are in force; those without a key are left out."""
        keymap, plain = keymap_of(self), self._look().glyphs is ASCII
        named = (
            (keymap.first(key, plain=plain) if key in BY_NAME else key, label, action)
            for key, label, action in self._hints
        )
        return [hint for hint in named if hint[0]]

    def _fitting(self) -> list[Hint]:
        """Those there is room for; the general ones go first, then the longest."""
        hints = self.shown
        general = _SPARE if _TABS in self._hints else ()
        spare = [hint for each in general for hint in hints if hint[1:] == each]
        while sum(_takes(hint) for hint in hints) > self.size.width + 2:
            hints.remove(spare.pop(0) if spare else max(hints, key=_takes))
        return hints

    async def on_click(self, event: events.Click) -> None:
        if self.message:
            self.be_quiet()
            return
        end = self._margin
        for key, label, action in self._fitting():
            end += _takes((key, label, action))
            if event.x < end:
                if action:
                    await self.screen.run_action(action)
                return


def _takes(hint: Hint) -> int:
    key, label, _ = hint
    return len(key) + len(label) + 4
