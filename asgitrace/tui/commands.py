"""What one can do, in one table from which keys, help, palette and hints are made."""

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do."""

    keys: str
    """As Textual names them, separated by commas."""
    shown: str
    """The keys as people read them."""
    label: str
    """A word or two."""
    help: str
    """A sentence."""
    action: str
    """The action of the main screen."""
    hint: int = 0
    """Place in the line of hints, from 1; 0 where it has none."""

    def binding(self) -> Binding:
        return Binding(self.keys, self.action, self.label, show=False)


COMMANDS: Final = (
    Command("escape", "esc", "back", "Back; on the list: clear the filter", "back"),
    Command("slash,f", "/ f", "filter", "Show only what has these words", "filter", 2),
    Command("F", "F", "follow", "Follow the newest, or stop to", "follow"),
    Command("space", "space", "pause", "Freeze the list; recording goes on", "pause", 3),
    Command("n", "n", "next error", "Next exchange that failed", "error(1)"),
    Command("N", "N", "previous error", "Previous exchange that failed", "error(-1)"),
    Command("l", "l", "log", "Output of the app's process", "log", 4),
    Command("C", "C", "connections", "Connections and their exchanges", "connections", 5),
    Command("c,y", "c y", "copy", "Copy the line, or what is selected", "copy"),
    Command("w", "w", "save", "Save what is shown to a file", "save", 6),
    Command("z", "z", "clear", "Forget all exchanges so far", "clear"),
    Command("ctrl+r", "ctrl+r", "restart", "Restart the app's process", "restart"),
    Command("question_mark,f1", "?", "help", "Keys, glyphs and colours", "help", 7),
    Command("colon", ": ctrl+p", "palette", "Find a command by name", "palette"),
    Command("Q", "Q ctrl+q", "quit", "Stop the app and quit", "leave", 8),
)

MOVES: Final = (
    Binding("down,j", "move(1)", "Down", show=False),
    Binding("up,k", "move(-1)", "Up", show=False),
    Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
    Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
    Binding("home,g", "first", "First", show=False),
    Binding("end,G", "last", "Last, and follow", show=False),
)
"""The same in every list."""

MOVEMENTS: Final = (
    ("j k \u2193 \u2191", "Down, up"),
    ("g home", "Oldest"),
    ("G end", "Newest, and follow"),
    ("pgdn pgup", "A page (also ctrl+f, ctrl+b)"),
    ("enter", "Open the selected exchange"),
    ("enter", "In it: open an event, frame or line"),
    ("1 \u2026 6", "Tabs of the detail"),
    ("v", "Ladder or list; text, JSON or hex"),
    ("b", "Wire, app or both; request or response"),
    ("tab", "Between list, events and open event"),
)
