"""What the keys of the main screen do."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

from asgitrace.errors import AsgitraceError
from asgitrace.tui.connections import ConnectionsScreen
from asgitrace.tui.help import HelpScreen
from asgitrace.tui.save_prompt import SavePrompt
from asgitrace.views.rows import row_text

if TYPE_CHECKING:
    from asgitrace.tui.app import TraceApp
    from asgitrace.tui.detail import DetailPane
    from asgitrace.tui.feed import Feed
    from asgitrace.tui.filter_bar import FilterBar
    from asgitrace.tui.hints import HintBar
    from asgitrace.tui.list import ExchangeTable


class Actions(Screen[None]):
    """The actions, on the widgets that the main screen is made of."""

    feed: "Feed"
    table: "ExchangeTable"
    detail: "DetailPane"
    filter_bar: "FilterBar"
    hints: "HintBar"

    @property
    def trace_app(self) -> "TraceApp":
        return cast("TraceApp", self.app)

    def rows_changed(self) -> None:
        raise NotImplementedError

    # Detail

    @property
    def detail_open(self) -> bool:
        return self.has_class("-detail")

    def action_open(self) -> None:
        """Show the selected exchange in detail; it stays the selected one."""
        number = self.table.cursor.current
        if number is None:
            return
        if self.table.cursor.follow:
            self.table.select(number)
        self._open_detail(number)

    def action_log(self) -> None:
        self._open_detail(self.table.cursor.current)
        self.detail.show_log()
        self.detail.focus_inside()

    def action_open_tab(self, name: str) -> None:
        """A tab of the detail by its key, also while the keys go to the list."""
        if self.detail_open:
            self.detail.open_tab(name)

    def _open_detail(self, number: int | None) -> None:
        self.add_class("-detail")
        self.detail.show(number)
        self.detail.tick(self.feed.moment(self.trace_app.clock()))
        self.detail.focus_inside()
        self.show_keys()

    def show_keys(self) -> None:
        """Show in the line of hints what the keys do now."""
        if self.detail_open:
            self.hints.for_detail(self.detail.keys)
        else:
            self.hints.for_list()

    def action_leave_content(self) -> None:
        self.detail.leave_content()

    def close_detail(self) -> None:
        self.remove_class("-detail")
        self.table.focus()
        self.show_keys()

    def action_other_pane(self) -> None:
        if not self.detail_open:
            return
        if self.detail.has_focus_within:
            self.table.focus()
        else:
            self.detail.focus_inside()

    def action_back(self) -> None:
        if self.detail_open:
            self.close_detail()
        elif self.feed.filtered:
            self.filter_bar.action_dismiss()

    def action_quit_hint(self) -> None:
        if self.detail_open:
            self.close_detail()
        else:
            self.hints.say("Q or ctrl+q quits")

    # List

    def action_filter(self) -> None:
        self.filter_bar.open()

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
            selected = self.feed.store.row(number, self.feed.moment(app.clock()))
        screen = ConnectionsScreen(self.feed, app.clock, app.current_look, selected)
        found = await app.push_screen_wait(screen)
        if found is not None:
            self.table.select(found)
            self._open_detail(found)

    def action_clear(self) -> None:
        """Forget what is there; one who is paused would see nothing of it, so that ends too."""
        if self.feed.paused:
            self.feed.pause(False)
        self.feed.store.clear(self.feed.moment(self.trace_app.clock()))
        self.rows_changed()
        self.hints.say("Cleared")

    # Copy and save

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
        return row_text(self.feed.store.row(number, self.feed.moment(self.trace_app.clock())))

    def action_save(self) -> None:
        self.run_worker(self._save(), group="save", exclusive=True)

    async def _save(self) -> None:
        numbers = self.table.cursor.numbers.tolist() if self.feed.filtered else None
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

    # The app

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
