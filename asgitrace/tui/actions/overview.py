"""Screens that show the exchanges as a whole."""

from asgitrace.tui.actions.base import ActionBase


class OverviewActions(ActionBase):
    """What opens them; the exchanges that are chosen there are shown in the list."""

    def action_groups(self) -> None:
        self.run_worker(self._groups(), group="overview", exclusive=True)

    async def _groups(self) -> None:
        # Late, as they are not needed for the first paint.
        from asgitrace.tui.groups import GroupsScreen

        app = self.trace_app
        screen = GroupsScreen(self.feed, app.clock, app.current_look)
        self._show_only(await app.push_screen_wait(screen))

    def action_statistics(self) -> None:
        self.run_worker(self._statistics(), group="overview", exclusive=True)

    async def _statistics(self) -> None:
        from asgitrace.tui.statistics import StatisticsScreen

        app = self.trace_app
        screen = StatisticsScreen(self.feed, app.clock, app.current_look)
        self._show_only(await app.push_screen_wait(screen))

    def _show_only(self, term: str | None) -> None:
        if term is None:
            return
        self.narrow_filter(term)
        self.table.focus()
