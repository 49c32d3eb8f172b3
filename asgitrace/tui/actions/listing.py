"""The list: followed, paused, cleared, and the way through it."""

from asgitrace.tui.actions.base import ActionBase


class ListActions(ActionBase):
    """What the list does."""

    def action_follow(self) -> None:
        words = self.table.arrangement.order_words()
        if words:
            self.hints.say(f"The list is sorted {words}, so it does not follow the newest")
        else:
            self.table.set_follow(not self.table.cursor.follow)

    def action_pause(self) -> None:
        self.feed.pause(not self.feed.paused)
        self.rows_changed()

    def action_error(self, direction: int) -> None:
        """The next exchange that failed, or the one before: where no search is on, in which the
        panes have these keys."""
        cursor = self.table.cursor
        found = self.feed.next_error(cursor.numbers, cursor.index or 0, direction)
        if found is None:
            where = "after" if direction > 0 else "before"
            self.hints.say(f"No failed exchange {where} this one")
        else:
            self.table.select(found)

    def action_clear(self) -> None:
        """Forget what is there; one who is paused would see nothing of it, so that ends too."""
        if self.feed.held:
            self.hints.say("Nothing is cleared while it is being saved")
            return
        if self.feed.paused:
            self.feed.pause(False)
        self.feed.store.clear()
        self.rows_changed()
        self.hints.say("Cleared")
