"""Screens that show the exchanges as a whole."""

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.connections import ConnectionsScreen


class OverviewActions(ActionBase):
    """What opens them; the exchanges that are chosen there are shown in the list."""

    def action_groups(self) -> None:
        self.run_worker(self._groups(), group="overview", exclusive=True)

    async def _groups(self) -> None:
        # Late, as they are not needed for the first paint.
        from asgitrace.tui.overviews.groups import GroupsScreen

        app = self.trace_app
        screen = GroupsScreen(self.feed, app.clock, app.current_look)
        self._show_only(await app.push_screen_wait(screen))

    def action_statistics(self) -> None:
        self.run_worker(self._statistics(), group="overview", exclusive=True)

    async def _statistics(self) -> None:
        from asgitrace.tui.overviews.statistics import StatisticsScreen

        app = self.trace_app
        screen = StatisticsScreen(self.feed, app.clock, app.current_look)
        self._show_only(await app.push_screen_wait(screen))

    def action_connections(self) -> None:
        """Show the connections; the exchange that is chosen there is opened here."""
        self.run_worker(self._connections(), group="overview", exclusive=True)

    async def _connections(self) -> None:
        cursor, app = self.table.cursor, self.trace_app
        number, selected = cursor.current, None
        if number is not None and not cursor.follow and number in self.feed.store:
            selected = self.feed.store.row(number, self.moment)
        screen = ConnectionsScreen(self.feed, app.clock, app.current_look, selected)
        found = await app.push_screen_wait(screen)
        if isinstance(found, int):
            self.go_to(found)
        else:
            self._show_only(found)

    def _show_only(self, term: str | None) -> None:
        if term is None:
            return
        self.narrow_filter(term)
        self.table.focus()
