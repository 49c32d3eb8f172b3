"""Fields that the payloads of a few records tell, so that no events need be made for them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.events import MESSAGE_CODES, Kind
from asgitrace.filter.model import Mask
from asgitrace.filter.values import Condition
from asgitrace.filter.view import Masks, View
from asgitrace.ring import decode
from asgitrace.store.pieces import Pieces, what

_KINDS: Final = (Kind.SCOPE, Kind.RECEIVE, Kind.SEND, Kind.RETURN, Kind.RAISE)


def messages(*names: str) -> frozenset[int]:
    """What the records of these messages are; of made-up ones the kind may be any."""
    return frozenset(what(kind, MESSAGE_CODES[name]) for kind in _KINDS for name in names)


def content_of(payload: bytes) -> dict[str, Any]:
    """A scope or a message; empty where it cannot be read."""
    found = decode(payload)
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Contents:
    """A text of single messages."""

    possible: Callable[[View], Mask]
    """Which rows may have such messages."""
    wanted: frozenset[int]
    """What the records of these are."""
    read: Callable[[dict[str, Any]], Iterable[str]]
    """The texts of one of them."""
    decides: bool = False

    def masks(self, view: View, condition: Condition) -> Masks:
        return view.look(self.possible(view), lambda pieces: self._some(pieces, condition))

    def _some(self, pieces: Pieces, condition: Condition) -> bool | None:
        sieve = None if condition.negated else condition.sieve
        doubt = False
        for piece in pieces.of(self.wanted):
            payload = piece.payload
            if not payload or (sieve is not None and not sieve(payload)):
                continue
            if piece.second:
                doubt = True
            elif condition.holds(self.read(content_of(payload))):
                return True
        return None if doubt else False
