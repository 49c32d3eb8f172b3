"""One exchange taken out: as text, as code, as JSON; into the clipboard or a file."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from asgitrace.store.model import Exchange
from asgitrace.tui.actions.saving import SaveActions

if TYPE_CHECKING:
    from asgitrace.tui.copying_menu import Offer

_JSON = "JSON"


class GiveActions(SaveActions):
    """What gives an exchange away."""

    def action_take_out(self) -> None:
        """Ask what the exchange is to be taken out as."""
        self.run_worker(self._take_out(), group="take", exclusive=True)

    async def _take_out(self) -> None:
        # Late, as with the forms: nobody waits for them before the first paint.
        from asgitrace.tui.copying_menu import TakeOutMenu

        exchange = await self._whole_exchange()
        if exchange is None:
            self.hints.say("Nothing is selected")
            return
        row = exchange.row
        title = f"#{row.number}  {row.method} {row.path}"
        look = self.trace_app.current_look
        menu = TakeOutMenu(title, [*self._offers(exchange)], look)
        taken = await self.app.push_screen_wait(menu)
        if taken is None:
            return
        if taken.to_file:
            suffix = self._suffix(taken.offer.name)
            name = f"asgitrace-{row.number}{suffix}"
            form = taken.offer.name
            await self.write_file(f"#{row.number}", name, [taken.text.encode()], form=form)
        else:
            await self.put_into_clipboard(taken.text, taken.offer.name)

    def _offers(self, exchange: Exchange) -> Iterator["Offer"]:
        from asgitrace.export.forms import FORMS
        from asgitrace.tui.copying_menu import Offer

        address = self._address()
        for form in FORMS:
            make = partial(asyncio.to_thread, form.write, exchange, address)
            label = form.label[:1].upper() + form.label[1:]
            refusal = form.refuses(exchange)
            yield Offer(_KEYS[form.name], form.name, label, refusal, make)
        json = partial(self._json, exchange.row.number)
        yield Offer("J", _JSON, "The trace's own form, as JSON lines", "", json)

    async def _json(self, number: int) -> str:
        from asgitrace.export.saving import as_json

        return await self.beside_the_store(partial(as_json, self.feed.store, number))

    def _suffix(self, name: str) -> str:
        from asgitrace.export.forms import BY_NAME

        return ".jsonl" if name == _JSON else BY_NAME[name].suffix

    def _address(self) -> str:
        """Where the app can be reached; empty where this is a saved trace."""
        session = self.feed.session
        return session.status().address if session.live else ""

    async def _whole_exchange(self) -> Exchange | None:
        """The exchange that is selected, with all of its events; a long one is read in portions."""
        number = self.table.cursor.current
        store = self.feed.store
        try:
            while number is not None and number in store:
                found = store.exchange(number, self.moment)
                if found is None or found.whole:
                    return found
                await asyncio.sleep(0)
        except KeyError:
            pass
        return None


_KEYS = {"text": "t", "curl": "c", "httpx": "p", "websockets": "s"}
"""The key of each form in the menu, none of those that move the cursor in it."""
