"""The list: followed, paused, cleared, and the way through it."""

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.connections import ConnectionsScreen


class ListActions(ActionBase):
    """What the list does."""

    def action_follow(self) -> None:
        self.table.set_follow(not self.table.cursor.follow)

    def action_pause(self) -> None:
        self.feed.pause(not self.feed.paused)
        self.rows_changed()

    def action_error(self, direction: int) -> None:
        cursor = self.table.cursor
        found = self.feed.next_error(cursor.numbers, cursor.current or 0, direction)
        if found is None:
            where = "after" if direction > 0 else "before"
            self.hints.say(f"No failed exchange {where} this one")
        else:
            self.table.select(found)

    def action_connections(self) -> None:
        """Show the connections; the exchange that is chosen there is opened here."""
        self.run_worker(self._connections(), group="connections", exclusive=True)

    async def _connections(self) -> None:
        cursor, app = self.table.cursor, self.trace_app
        number, selected = cursor.current, None
        if number is not None and not cursor.follow and number in self.feed.store:
            selected = self.feed.store.row(number, self.moment)
        screen = ConnectionsScreen(self.feed, app.clock, app.current_look, selected)
        found = await app.push_screen_wait(screen)
        if found is not None:
            self.table.select(found)
            self.open_detail(found)

    def action_clear(self) -> None:
        """Forget what is there; one who is paused would see nothing of it, so that ends too."""
        if self.feed.paused:
            self.feed.pause(False)
        self.feed.store.clear()
        self.rows_changed()
        self.hints.say("Cleared")
