"""The bar in which a filter is typed, for the list or for the events of one exchange.

While one types it is read thirty times a second, not at every key, and used as soon as it can be
read. The bar has a second line as long as it has the keys, so that nothing moves when it has
something to say.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from asgitrace.filter.model import Completion
from asgitrace.tui.filter.field import FilterInput
from asgitrace.tui.filter.history import History
from asgitrace.tui.filter.keys import BINDINGS
from asgitrace.tui.filter.labels import Count, Note
from asgitrace.tui.filter.popup import Popup
from asgitrace.tui.filter.reading import Reading, read, warm_up
from asgitrace.tui.filter.suggestions import Suggest, all_saved, suggestions
from asgitrace.tui.filter.target import Target
from asgitrace.views.look import Look

_WARM_UP_SECONDS: Final = 1.0
"""The first paint comes first."""
_HOW_TO_BEGIN: Final = (
    "word   field:value   field>1s   a or b   -a   (a b)      ? or f1: every field"
)


class FilterBar(Vertical):
    """The line, what came of it, and the ways to go on."""

    BINDINGS: ClassVar[list[BindingType]] = list(BINDINGS)

    class Save(Message):
        """The filter is to be saved under a name."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ReferenceWanted(Message):
        """The fields and operators are to be shown."""

    class FocusChanged(Message):
        """The bar got the keys, or gave them away."""

    def __init__(
        self,
        look: Callable[[], Look],
        target: Target,
        history: History,
        saved: Callable[[], Mapping[str, str]],
        suggest: Suggest,
    ) -> None:
        super().__init__()
        self.history = history
        self._list = self._target = target
        self._saved = saved
        self._suggest = suggest
        self._reading = Reading("")
        self._known = "", 0
        """The text and the cursor for which ways to go on were looked up."""
        self._suggesting = False
        self._mark = Static(_mark_of(target), markup=False, id="filter-mark")
        self._input = FilterInput(look, placeholder="word in path, or field:value")
        self._count = Count(look)
        self._note = Note(look)
        self._popup = Popup(look)

    def compose(self) -> ComposeResult:
        yield self._popup
        with Horizontal(id="filter-line"):
            yield self._mark
            yield self._input
            yield self._count
        yield self._note

    def on_mount(self) -> None:
        self.set_timer(_WARM_UP_SECONDS, self._warm_up)

    def _warm_up(self) -> None:
        self.run_worker(warm_up, thread=True, exit_on_error=False, group="warm-up")

    # What is shown

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._input.value

    @property
    def typing(self) -> bool:
        """Whether the bar has the keys."""
        return self.is_mounted and self.screen.focused is self._input

    @property
    def input(self) -> FilterInput:
        return self._input

    @property
    def popup(self) -> Popup:
        return self._popup

    @property
    def note(self) -> str:
        """What the second line says."""
        return self._note.text

    @property
    def count(self) -> str:
        """How much passes, as it is shown."""
        return self._count.text

    def open(self, target: Target | None = None) -> None:
        """Take the keys at once, for the list or for something else."""
        self._aim(target or self._list)
        self._popup.close()
        self._suggesting = False
        self.display = True
        self.add_class("-typing")
        # Not `focus()`: that waits its turn, and what is typed meanwhile would go elsewhere.
        self.screen.set_focus(self._input, scroll_visible=False)
        self._tell()
        self.post_message(self.FocusChanged())

    def show(self) -> None:
        """Show the filter of the list as it is in force, where nobody is typing."""
        if not self.typing:
            self._rest()

    def apply(self, text: str) -> None:
        """Use a filter for the list as if it had been typed and entered; one that cannot be read
        is shown with what is wrong."""
        if self.typing and self._target is not self._list:
            self._leave()
        if read(text, self._saved()).fault is not None:
            self.open()
        self.put(text)
        if not self.typing:
            self.history.add(text)
            self._rest()

    def put(self, text: str) -> None:
        """Have another text in the line, and use it if it can be read."""
        self._put(text)
        self._read()

    def tick(self) -> None:
        """Read what was typed; show what came of it."""
        if self.display:
            self._read()
            self._tell()

    def _aim(self, target: Target) -> None:
        if target is not self._target:
            self._target = target
            self._mark.update(_mark_of(target))
        if target.filter_typed != self._input.value:
            self._put(target.filter_typed)
        self._read()

    def _put(self, text: str, cursor: int | None = None) -> None:
        self._input.put(text, cursor)
        self._known = self._input.value, self._input.cursor_position

    def _read(self) -> None:
        text, cursor = self._input.value, self._input.cursor_position
        if text != self._reading.text:
            self._reading = reading = read(text, self._saved())
            self._input.mark(reading.fault)
            if reading.fault is None and text.strip() != self._target.filter_typed:
                self._target.use(text.strip(), reading.predicate)
        if (text, cursor) != self._known and self.typing:
            self._suggesting |= text != self._known[0]
            self._known = text, cursor
            self.history.rest()
            self._offer()

    def _tell(self) -> None:
        told = self._target.told()
        fault = self._reading.fault
        self._count.show(told)
        if told is not None and told.failure:
            self._note.say(told.failure, wrong=True)
        elif fault is not None:
            self._note.say(f"column {fault.position + 1}: expected {fault.expected}", wrong=True)
        else:
            self._note.say("" if self._input.value else _HOW_TO_BEGIN)

    # Ways to go on

    def _offer(self, *, asked: bool = False) -> None:
        """Open the popup with what could be typed next, or close it."""
        text, cursor = self._known
        if not (asked or (self._suggesting and text.strip())):
            self._popup.close()
            return
        self._open_popup(suggestions(text, cursor, self._saved(), self._suggest))

    def _open_popup(self, items: Sequence[Completion]) -> None:
        column = self._input.column_of(items[0].start) if items else 0
        self._popup.open(items, column - self.region.x)

    def _accept(self, item: Completion) -> None:
        text = self._input.value
        self._input.put(
            text[: item.start] + item.text + text[item.end :], item.start + len(item.text)
        )
        self._suggesting = True
        self._popup.close()
        self._read()

    @on(Popup.Picked)
    def _picked(self, message: Popup.Picked) -> None:
        message.stop()
        self._accept(message.completion)

    # What the keys do

    def key(self, name: str) -> None:
        """Do what a key of the bar does, for a click on its hint."""
        if self.typing:
            getattr(self, f"action_{name}")()

    def action_enter(self) -> None:
        self._read()
        if self._popup.chosen is not None:
            self._accept(self._popup.chosen)
        elif self._reading.fault is None:
            self._keep()

    def _keep(self) -> None:
        self.history.add(self._input.value)
        self._leave()

    def action_dismiss(self) -> None:
        """Close what is open: the popup, or the bar with its filter."""
        self._read()
        if self.typing and self._popup.is_open:
            self._popup.close()
            self._suggesting = False
            return
        self.history.add(self._target.filter_typed)
        self._target.use("", None)
        self._put("")
        self._read()
        self._leave()

    def action_complete(self) -> None:
        self._read()
        best = self._popup.best
        if best is None:
            self.action_suggest()
            if len(self._popup.items) == 1:
                best = self._popup.best
        if best is not None:
            self._accept(best)

    def action_suggest(self) -> None:
        self._read()
        self._suggesting = True
        self._offer(asked=True)

    def action_go_on(self) -> None:
        self._read()
        best = self._popup.best
        if best is None or not self._input.cursor_at_end:
            raise SkipAction
        self._accept(best)

    def action_up(self) -> None:
        self._read()
        if self._popup.is_open:
            self._popup.move(-1)
        elif (text := self.history.older(self._input.value)) is not None:
            self._put(text)

    def action_down(self) -> None:
        self._read()
        if self._popup.is_open:
            self._popup.move(1)
        elif (text := self.history.newer()) is not None:
            self._put(text)
        else:
            self.action_enter()

    def action_save(self) -> None:
        self._read()
        if self._reading.predicate is not None:
            self.post_message(self.Save(self._input.value.strip()))

    def action_saved(self) -> None:
        self._read()
        items = all_saved(self._saved(), len(self._input.value))
        if not items:
            self._note.say("No filter is saved yet: ctrl+s saves the one that is typed here")
            return
        self._open_popup(items)
        self._popup.move(1)

    def action_reference(self, only_if_empty: bool = False) -> None:
        if only_if_empty and self._input.value:
            raise SkipAction
        self.post_message(self.ReferenceWanted())

    # Leaving

    def _leave(self) -> None:
        if self.typing:
            self._target.take_keys()
        self._rest()

    def _rest(self) -> None:
        """Stand there with the list's filter, or not at all."""
        self._popup.close()
        self._suggesting = False
        self._aim(self._list)
        self.remove_class("-typing")
        self.display = bool(self._list.filter_typed)
        self._tell()
        self.post_message(self.FocusChanged())

    def on_descendant_blur(self) -> None:
        focused = self.screen.focused
        if focused is not self._input and self.has_class("-typing"):
            self._rest()


def _mark_of(target: Target) -> str:
    """What stands before the line, so that it is not taken for a search."""
    return f"filter {target.what}"
