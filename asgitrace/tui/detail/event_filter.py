"""The filter of a tab's events."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from asgitrace.filter.model import Predicate
from asgitrace.tui.filter.target import Told

if TYPE_CHECKING:
    from asgitrace.tui.detail.sifted import Sifted
    from asgitrace.tui.detail.split import Split


class EventFilter:
    """What is typed for the events of one exchange; holds for all exchanges that are shown."""

    def __init__(self, what: str, split: "Split", changed: Callable[[], None]) -> None:
        self.what = what
        self.predicate: Predicate | None = None
        self.marked: Predicate | None = None
        """The filter of the list, where single events answer it: those that do are marked."""
        self.sifted: Sifted | None = None
        self.filter_typed = ""
        self._split = split
        self._changed = changed

    def use(self, typed: str, predicate: Predicate | None) -> None:
        self.filter_typed = typed
        if predicate is not self.predicate:
            self.predicate = predicate
            self._changed()

    def mark(self, predicate: Predicate | None) -> None:
        """Mark the events that pass this filter; with None mark nothing."""
        marked = predicate if predicate is not None and predicate.by_event else None
        if marked is not self.marked:
            self.marked = marked
            self._changed()

    def clear(self) -> bool:
        """Show everything; False if that is so already."""
        if self.predicate is None:
            return False
        self.use("", None)
        return True

    def told(self) -> Told | None:
        sifted, predicate = self.sifted, self.predicate
        if sifted is None or predicate is None:
            return None
        why = "" if predicate.by_event else "Nothing in it is said of single events: all pass"
        return Told(len(sifted), len(sifted.lines), sifted.progress, sifted.failure or why)

    @property
    def words(self) -> str:
        """What is hidden, and by which filter; empty where there is none."""
        told = self.told()
        if told is None:
            return ""
        return f"{told.text} {self.what}  {self.filter_typed}  esc: all"

    def take_keys(self) -> None:
        focused = self._split.focused_list
        focused.screen.set_focus(focused)
