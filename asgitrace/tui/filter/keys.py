"""The keys of the bar."""

from typing import Final

from textual.binding import Binding

from asgitrace.tui.hints import Hint

BINDINGS: Final = (
    # Before the line has them: what it would do with them comes later than what is typed next.
    Binding("enter", "enter", "Keep the filter", show=False, priority=True),
    Binding("escape", "dismiss", "Clear", show=False, priority=True),
    Binding("tab", "complete", "Complete", show=False, priority=True),
    Binding("ctrl+space,ctrl+@", "suggest", "Suggest", show=False, priority=True),
    Binding("right", "go_on", "Complete at the end", show=False, priority=True),
    Binding("up", "up", "Older", show=False, priority=True),
    Binding("down", "down", "Newer", show=False, priority=True),
    Binding("ctrl+s", "save", "Save under a name", show=False, priority=True),
    Binding("ctrl+o", "saved", "Saved filters", show=False, priority=True),
    Binding("f1,ctrl+h", "reference", "All fields", show=False, priority=True),
    Binding("question_mark", "reference(True)", "All fields", show=False, priority=True),
)

KEYS: Final[tuple[Hint, ...]] = (
    ("enter", "keep", "filter_key('enter')"),
    ("esc", "clear", "filter_key('dismiss')"),
    ("tab", "complete", "filter_key('complete')"),
    ("\u2191\u2193", "history", ""),
    ("ctrl+s", "save", "filter_key('save')"),
    ("ctrl+o", "saved", "filter_key('saved')"),
    ("f1", "all fields", "filter_key('reference')"),
)
"""What the keys do in the bar."""
