"""What leaves the screen: copied, or saved to a file."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from asgitrace.errors import AsgitraceError
from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.notice import curl_line
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.views.rows import row_text

Result = TypeVar("Result")


class SaveActions(ActionBase):
    """Copy and save."""

    def action_copy(self) -> None:
        """Copy the line, or what is selected; without rows, the command that calls the app."""
        text = self._text_to_copy()
        if text is None:
            self.hints.say("Nothing is selected")
        else:
            first = text.splitlines()[0][:200] if text else ""
            self.run_worker(self.put_into_clipboard(text, first), group="copy")

    async def put_into_clipboard(self, text: str, what: str) -> None:
        """Copy a text; says what it is and by which way."""
        # Late: what it needs of the system is not needed for the first paint.
        from asgitrace.tui.copying import copy

        copied = await copy(self.app, text)
        self.hints.say(f"{copied.sentence}: {what}", wrong=not copied.ways)

    def _text_to_copy(self) -> str | None:
        if self.detail_open and self.detail.has_focus_within:
            text = self.detail.copy_text()
            if text is not None:
                return text
        number = self.table.cursor.current
        if number is None or number not in self.feed.store:
            empty = self.feed.session.live and not len(self.feed.store)
            return curl_line(self.feed.session.status().address) or None if empty else None
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
        save = partial(self.trace_app.save, self.feed.store, numbers, path)
        await self._wait_saved(path, self.beside_the_store(save))

    async def write_file(
        self, what: str, name: str, parts: Iterable[bytes], *, form: str = ""
    ) -> None:
        """Ask for a path, with a name to begin with, and write a file that was not there."""
        path = await self.app.push_screen_wait(SavePrompt(what, name, form=form))
        if path is not None:
            await self.write_to(path, parts)

    async def write_to(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a file that was not there."""
        from asgitrace.export.files import write_new

        await self._wait_saved(path, asyncio.to_thread(write_new, path, parts))

    async def _wait_saved(self, path: Path, writing: Awaitable[None]) -> None:
        """Say what became of writing a file."""
        self.hints.say(f"Saving to {path} \u2026")
        try:
            await writing
        except (AsgitraceError, OSError) as error:
            self.hints.say(str(error), wrong=True)
        else:
            self.hints.say(f"Saved to {Path.cwd() / path}")

    async def beside_the_store(self, work: Callable[[], Result]) -> Result:
        """Do something in a thread, and leave the store alone meanwhile: the ring holds what
        arrives."""
        self.feed.held = True
        try:
            return await asyncio.to_thread(work)
        finally:
            self.feed.held = False
