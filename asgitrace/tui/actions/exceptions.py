"""From one exception of the app to the next."""

from asgitrace.events import Kind
from asgitrace.tui.actions.base import ActionBase


class ExceptionActions(ActionBase):
    """What goes to exchanges in which the app raised."""

    def action_exception(self, direction: int) -> None:
        """Show the next exchange in view in which the app raised, or the one before, at the
        exception."""
        cursor = self.table.cursor
        found = self.feed.next_raised(cursor.numbers, cursor.index or 0, direction)
        if found is None:
            where = "after" if direction > 0 else "before"
            self.hints.say(f"No exception {where} this exchange")
        else:
            self.go_to(found, tab="timeline", event=self._raised_at(found))

    def _raised_at(self, number: int) -> int | None:
        """The event that is the exception, unless so much was recorded that it is not read yet."""
        found = self.feed.store.exchange(number, self.moment)
        events = reversed(found.events) if found is not None else iter(())
        return next((event.index for event in events if event.kind is Kind.RAISE), None)
