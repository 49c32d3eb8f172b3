"""The app's process, and the screen as a whole."""

import os
from collections.abc import Awaitable, Callable

from textual.widget import Widget

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.commands import BY_NAME, Command, Place
from asgitrace.tui.help import help_of


class ProcessActions(ActionBase):
    """Restart, help, palette, quit; and any command by its name."""

    def action_restart(self) -> None:
        if self.feed.session.status().attached:
            self.hints.say("asgitrace did not start this app: restart its server where it runs")
        elif self.feed.session.live:
            self.feed.session.restart()
            self.hints.say("Restarting the app \u2026")
        else:
            self.hints.say("This is a saved trace; there is no process to restart")

    def action_processes(self) -> None:
        """Show the processes that record."""
        self.run_worker(self._processes(), group="overview", exclusive=True)

    async def _processes(self) -> None:
        # Late, as it is rarely needed.
        from asgitrace.tui.attach.processes import BACK, ProcessesDialog

        app = self.trace_app
        dialog = ProcessesDialog(self.feed, app.current_look, picker=app.picker)
        found = await app.push_screen_wait(dialog)
        if found == BACK:
            app.wants_picker = True
            await app.action_quit()
        elif found is not None:
            self.narrow_filter(found)
            self.table.focus()

    def action_help(self) -> None:
        """Show the help, that of the pane with the keys first; what is clicked in it is done."""
        inside = self.detail_open and self.detail.has_focus_within
        tab = self.detail.tab if inside else "list"
        screen = help_of(self, self.trace_app.current_look, tab)
        self.app.push_screen(screen, self._chosen_in_help)

    def _chosen_in_help(self, name: str | None) -> None:
        if name is not None:
            self.call_later(self.runner(BY_NAME[name]))

    def action_palette(self) -> None:
        self.app.action_command_palette()

    def action_suspend(self) -> None:
        """Stop, as programs do; not where nobody could let us go on."""
        if os.getsid(0) == os.getpid():
            self.hints.say("There is no shell to go back to")
        else:
            self.app.action_suspend_process()

    async def action_leave(self) -> None:
        await self.app.action_quit()

    # Commands without their key

    def runner(self, command: Command) -> Callable[[], Awaitable[None]]:
        """Does what the keys of a command do, from wherever it was chosen."""

        async def run() -> None:
            node = self._node(command.place)
            if node is None:
                self.hints.say("There is nothing to do this in at present")
            else:
                await node.run_action(command.action)

        return run

    def _node(self, place: Place) -> Widget | None:
        """Whose action it is; what is in the detail is shown for it."""
        if place is Place.MAIN:
            return self
        if place is Place.TABLE:
            return self.table
        if place is Place.COMPARE:
            return None
        focused = self.focused
        in_detail = self.detail_open and self.detail.has_focus_within and focused is not None
        if place is Place.LISTS:
            return focused if in_detail else self.table
        if not self.detail_open:
            if self.table.cursor.current is None:
                return None
            self.open_detail(self.table.cursor.current)
        if place is Place.EVENTS:
            return self.detail.event_tab()
        if place is Place.TIMELINE:
            self.detail.open_tab("timeline")
            return self.detail.query_one("#timeline")
        if place is Place.BODY:
            self.detail.open_tab("body")
            return self.detail.query_one("#body BodyView")
        if place is Place.LOG:
            self.detail.open_tab("log")
            return self.detail.query_one("#log")
        if place is Place.DETAIL:
            return self.detail
        if not in_detail:
            self.detail.focus_inside()
        return self.focused
