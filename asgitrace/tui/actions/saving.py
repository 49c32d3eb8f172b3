"""What leaves the screen: copied, or saved to a file."""

import asyncio
from pathlib import Path

from asgitrace.errors import AsgitraceError
from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.views.rows import row_text


class SaveActions(ActionBase):
    """Copy and save."""

    def action_copy(self) -> None:
        text = self._text_to_copy()
        if text is None:
            self.hints.say("Nothing is selected")
            return
        self.app.copy_to_clipboard(text)
        self.hints.say(f"Copied: {text.splitlines()[0][:200] if text else ''}")

    def _text_to_copy(self) -> str | None:
        if self.detail_open and self.detail.has_focus_within:
            text = self.detail.copy_text()
            if text is not None:
                return text
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            return None
        return row_text(self.feed.store.row(number, self.moment))

    def action_save(self) -> None:
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        numbers = self.feed.numbers().tolist() if self.feed.filtered else None
        count = len(self.table.cursor if numbers is None else numbers)
        if not count:
            self.hints.say("There is nothing to save")
            return
        what = f"{count} filtered rows" if numbers is not None else "all exchanges"
        path = await self.app.push_screen_wait(SavePrompt(what, self.trace_app.default_file_name()))
        if path is not None:
            await self._write(numbers, path)

    async def _write(self, numbers: list[int] | None, path: Path) -> None:
        """Write in a thread, and leave the store alone meanwhile: the ring holds what arrives."""
        self.hints.say(f"Saving to {path} \u2026")
        self.feed.held = True
        try:
            await asyncio.to_thread(self.trace_app.save, self.feed.store, numbers, path)
        except (AsgitraceError, OSError) as error:
            self.hints.say(str(error), wrong=True)
        else:
            self.hints.say(f"Saved to {Path.cwd() / path}")
        finally:
            self.feed.held = False
