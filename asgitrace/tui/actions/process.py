"""The app's process, and the screen as a whole."""

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.help import HelpScreen


class ProcessActions(ActionBase):
    """Restart, help, palette, quit."""

    def action_restart(self) -> None:
        if self.feed.session.live:
            self.feed.session.restart()
            self.hints.say("Restarting the app \u2026")
        else:
            self.hints.say("This is a saved trace; there is no process to restart")

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self.trace_app.current_look()))

    def action_palette(self) -> None:
        self.app.action_command_palette()

    async def action_leave(self) -> None:
        await self.app.action_quit()
