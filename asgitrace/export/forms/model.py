"""What a form is."""

from collections.abc import Callable
from dataclasses import dataclass

from asgitrace.store.model import Exchange, RowKind


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write an exchange down."""

    name: str
    """One word, as the user chooses it."""
    label: str
    """What it is, in a few words."""
    suffix: str
    """Of a file of it, with the dot."""
    comment: str
    """What begins a line of comment in it."""
    kinds: frozenset[RowKind]
    """What it can be made of."""
    write: Callable[[Exchange, str], str]
    """The text of an exchange. The second argument is the address at which its app can be reached
    now (``http://127.0.0.1:8000``, ``unix:/run/app.sock``); where it is empty, what was recorded
    tells it."""

    def refuses(self, exchange: Exchange) -> str:
        """Why it cannot be made of an exchange; empty where it can."""
        if exchange.row.kind not in self.kinds:
            return f"for {_PLURALS[min(self.kinds)]} only"
        if self.kinds <= _CALLS and not exchange.events:
            return "its scope was not recorded, so there is no request to repeat"
        return ""


_CALLS = frozenset({RowKind.HTTP, RowKind.WEBSOCKET})
_PLURALS = {RowKind.HTTP: "HTTP requests", RowKind.WEBSOCKET: "WebSocket sessions"}
