"""Content under the cursor: opened in pager or editor, or written to a file."""

from typing import TYPE_CHECKING

from asgitrace.tui.actions.giving import GiveActions
from asgitrace.words import counted

if TYPE_CHECKING:
    from asgitrace.tui.detail.held import Held
    from asgitrace.tui.opening import Program

_NOTHING = "Nothing to open here: the content of an exchange is in its detail (enter)"


class OpenActions(GiveActions):
    """What takes content out of the detail."""

    def action_pager(self) -> None:
        """Read what is under the cursor in a pager."""
        from asgitrace.tui.opening import Program

        self._open_in(Program.PAGER)

    def action_editor(self) -> None:
        """Open a copy of what is under the cursor in an editor."""
        from asgitrace.tui.opening import Program

        self._open_in(Program.EDITOR)

    def _open_in(self, program: "Program") -> None:
        held = self._held()
        if held is None:
            self.hints.say(_NOTHING)
        else:
            self.run_worker(self._show_in(program, held), group="open")

    async def _show_in(self, program: "Program", held: "Held") -> None:
        from asgitrace.tui.opening import open_in

        wrong = await open_in(program, held, self.trace_app.stepped_aside())
        if wrong:
            self.hints.say(wrong, wrong=True)

    def action_save_body(self) -> None:
        """Write the body under the cursor to a file, or all messages."""
        if not self.detail_open:
            self.hints.say(_NOTHING)
        elif self.detail.tab == "messages":
            self.run_worker(self._save_messages(), group="save", exclusive=True)
        else:
            self.run_worker(self._save_body(), group="save", exclusive=True)

    async def _save_body(self) -> None:
        from asgitrace.tui.save_prompt import BodyPrompt

        held = self._held()
        if held is None:
            self.hints.say(_NOTHING)
            return
        number = self.detail.number or 0
        name = f"asgitrace-{number}-{held.name}{held.suffix}" if number else (
            f"asgitrace-{held.name}{held.suffix}"
        )  # fmt: skip
        found = await self.app.push_screen_wait(BodyPrompt(held, name))
        if found is not None:
            path, as_sent = found
            data = held.sent if as_sent and held.sent is not None else held.data
            await self.write_to(path, [data])

    async def _save_messages(self) -> None:
        from asgitrace.export.messages import message_lines

        exchange = await self._whole_exchange()
        lines = [] if exchange is None else [*message_lines(exchange)]
        if exchange is None or not lines:
            self.hints.say("There are no messages to save")
            return
        name = f"asgitrace-{exchange.row.number}-messages.jsonl"
        await self.write_file(counted(len(lines), "message"), name, lines, form="JSON lines")

    def _held(self) -> "Held | None":
        return self.detail.held() if self.detail_open else None
