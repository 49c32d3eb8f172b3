"""Marks, tags and comments on exchanges."""

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.note_prompt import NotePrompt

_MARKED = "mark"
"""The filter term that marked rows pass."""


class MarkActions(ActionBase):
    """What notes something on the selected row."""

    _before_marked = ""
    """The filter that was in force before only marked rows were shown."""

    def action_mark(self) -> None:
        """Mark the selected row, or take its mark away; it stays the selected one."""
        number = self._selected()
        if number is None:
            return
        marked = self.feed.store.annotations.toggle_mark(number)
        self._noted(number)
        self.hints.say(f"#{number} is marked" if marked else f"#{number} is not marked any more")

    def action_marked_only(self) -> None:
        """Show the marked rows only, or again what was shown before."""
        typed = self.feed.filter_typed
        if typed == _MARKED:
            self.apply_filter(self._before_marked)
        elif not len(self.feed.store.annotations.numbers(marked=True)):
            self.hints.say("Nothing is marked yet")
        else:
            self._before_marked = typed
            self.apply_filter(_MARKED)

    def action_note(self) -> None:
        """Ask for tags and a comment on the selected row."""
        number = self._selected()
        if number is not None:
            self.run_worker(self._note(number), group="note", exclusive=True)

    async def _note(self, number: int) -> None:
        annotations = self.feed.store.annotations
        prompt = NotePrompt(
            f"#{number}", annotations.of(number), annotations.tags(), self.trace_app.current_look
        )
        note = await self.app.push_screen_wait(prompt)
        if note is None:
            return
        if number not in self.feed.store:
            self.hints.say(f"#{number} is no longer kept")
            return
        annotations.put(number, note)
        self._noted(number)
        self.hints.say(f"Noted on #{number}")

    def _selected(self) -> int | None:
        """The selected row; following ends, as it is this one that is meant."""
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            self.hints.say("Nothing is selected")
            return None
        if self.table.cursor.follow:
            self.table.select(number)
        return number

    def _noted(self, number: int) -> None:
        self.rows_changed()
        if self.detail_open:
            self.detail.noted(number)
