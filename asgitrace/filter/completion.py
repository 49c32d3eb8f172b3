"""Ways to go on typing a filter: fields, operators, words that a field knows, values that a store
has.

What can stand at the cursor is asked of the grammar itself. However much a store holds, only so
many of its values are looked at, the latest first.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from lark import Token, UnexpectedInput

from asgitrace.errors import FilterError
from asgitrace.filter.fields import FIELDS, Field, find
from asgitrace.filter.model import Completion
from asgitrace.filter.parser import LONGEST, grammar
from asgitrace.filter.syntax import quote, quoted
from asgitrace.filter.values import OPERATORS, Type

if TYPE_CHECKING:
    from asgitrace.store.store import Store

MOST: Final = 60
"""Completions at a time."""

LOOKED_AT: Final = 8_000
"""Values of a store that are looked at."""

_LONGEST_SHOWN: Final = 200
_VALUES: Final = frozenset({"WORD", "SOURCE", "ITEM"})
_PATTERNS: Final = frozenset({"REGEX", "SOURCE"})
_SIGNS: Final = frozenset({"COMPARISON", "EQUALITY", "CONTAINS", "MATCHES"})
_TYPED: Final = frozenset(
    {"NAME", "STRING", "REGEX", *_VALUES, "_AND", "_OR", "_NOT", "_IN", "_WITHIN"}
)
"""Tokens that may still grow where the cursor is at their end."""

_MEANINGS: Final = {
    ":": "contains",
    "=": "is exactly",
    "!=": "is there, and is not",
    "~": "matches a /regular expression/",
    "!~": "is there, and does not match",
    ">": "is more than",
    ">=": "is as much or more",
    "<": "is less than",
    "<=": "is as much or less",
}
_QUANTIFIERS: Final = {
    "any(": "some event passes all that is in the brackets",
    "all(": "every event passes that has the fields asked for",
    "none(": "no event passes",
    "count(": "how many events pass, e.g. count(ev=http.response.body)>100",
    "seq(": "events in this order, e.g. seq(ev=http.disconnect -> ev=http.response.body)",
}
_WORDS: Final = {"not": "what does not pass", "and": "both", "or": "one of both"}
_SAMPLES: Final = {
    Type.DURATION: ("10ms", "100ms", "500ms", "1s", "5s", "30s", "1m"),
    Type.SIZE: ("0", "1k", "64k", "1M", "10M"),
}
_NAME_END: Final = re.compile(r"""[^\s()"!=<>:~]*""")
_VALUE_END: Final = re.compile(r"[^\s()]*")
_ITEM_END: Final = re.compile(r"[^\s(){},]*")

Offer = tuple[str, str, str]
"""Text, label and help."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the cursor is."""

    tokens: list[Token]
    """Those before what is being typed."""
    accepts: frozenset[str]
    """What can stand here, by the grammar's names."""
    start: int
    """Where it begins."""
    typed: str
    """As far as the cursor."""


def complete(text: str, cursor: int, store: "Store | None") -> list[Completion]:
    """Ways to go on at the cursor, the likely ones first; none behind what cannot be read."""
    if len(text) > LONGEST:
        return []
    place = _place(text[:cursor])
    if place is None:
        return []
    if place.accepts & _VALUES:
        return _values(place, text, cursor, store)
    names = _names(place, text, cursor)
    if any(_header_names(place.typed)):
        return names + _behind(place, cursor)
    return _behind(place, cursor) + _closing(place, cursor) + names


def _place(before: str) -> _Place | None:
    tokens, accepts, stopped = _read(before)
    if stopped is not None:
        if before[stopped] not in "\"'/":
            return None
        return _Place(tokens, accepts, stopped, before[stopped:])
    last = tokens[-1] if tokens else None
    if last is None or last.type not in _TYPED or (last.end_pos or 0) < len(before):
        return _Place(tokens, accepts, len(before), "")
    start = last.start_pos or 0
    tokens, accepts, _ = _read(before[:start])
    return _Place(tokens, accepts, start, before[start:])


def _read(before: str) -> tuple[list[Token], frozenset[str], int | None]:
    """The tokens, what can follow them, and where reading stopped short of the end."""
    parser: Any = grammar().parse_interactive(before)
    tokens: list[Token] = []
    try:
        tokens.extend(parser.iter_parse())
    except FilterError:
        return tokens, frozenset(), 0
    except UnexpectedInput as error:
        return tokens, frozenset(parser.accepts()), error.pos_in_stream
    return tokens, frozenset(parser.accepts()), None


# Names and what may follow them


def _names(place: _Place, text: str, cursor: int) -> list[Completion]:
    if "NAME" not in place.accepts:
        return []
    rest = _NAME_END.match(text, cursor)
    end = rest.end() if rest else cursor
    offers: list[Offer] = [(field.prefix, field.name, field.help) for field in FIELDS.values()]
    offers += _header_names(place.typed)
    offers += [(word, word + "…)", meaning) for word, meaning in _QUANTIFIERS.items()]
    if place.typed:
        offers += [
            (word, word, meaning)
            for word, meaning in _WORDS.items()
            if f"_{word.upper()}" in place.accepts
        ]
    ranked = _ranked(place.typed, offers)
    return [
        Completion(offer, place.start, end, label, meaning) for offer, label, meaning in ranked
        if offer != place.typed
    ]  # fmt: skip


def _header_names(typed: str) -> Iterator[Offer]:
    for field in FIELDS.values():
        if field.by_name and typed.lower().startswith(field.prefix):
            for name in field.names:
                yield field.prefix + name, field.prefix + name, field.help


def _behind(place: _Place, cursor: int) -> list[Completion]:
    """The operators, where a field stands right before the cursor."""
    if place.typed:
        name = place.typed
    elif place.tokens and place.tokens[-1].type == "NAME" and place.accepts & _SIGNS:
        name = str(place.tokens[-1])
    else:
        return []
    field = find(name)
    if field is None or field.type is Type.FLAG:
        return []
    offers = [(sign, f"{name}{sign}", _MEANINGS[sign]) for sign in OPERATORS[field.type]]
    offers.append((" in {", f"{name} in {{…}}", "is one of several"))
    return [Completion(sign, cursor, cursor, label, meaning) for sign, label, meaning in offers]


def _closing(place: _Place, cursor: int) -> list[Completion]:
    offers = []
    if "_ARROW" in place.accepts and not place.typed:
        offers.append((" -> ", "->", "and later"))
    if "_CLOSE" in place.accepts and not place.typed:
        offers.append((")", ")", "ends the brackets"))
    return [Completion(offer, cursor, cursor, label, text) for offer, label, text in offers]


# Values


def _values(place: _Place, text: str, cursor: int, store: "Store | None") -> list[Completion]:
    if place.accepts & _PATTERNS:
        return []
    among = "ITEM" in place.accepts
    field = _field_of(place.tokens, among=among)
    if field is None:
        return []
    opening = place.typed[:1] if place.typed[:1] in ("'", '"') else ""
    typed = place.typed[len(opening) :]
    rest = (_ITEM_END if among else _VALUE_END).match(text, cursor)
    end = cursor if opening or rest is None else rest.end()
    write: Callable[[str], str] = quoted if opening else quote
    offers = ((value, _shown(value), meaning) for value, meaning in _offers(field, store))
    return [
        Completion(write(value), place.start, end, label, meaning)
        for value, label, meaning in _ranked(typed, offers)
    ]


def _field_of(tokens: list[Token], *, among: bool) -> Field | None:
    if among:
        names = [token for token in tokens if token.type == "NAME"]
        return find(str(names[-1])) if names else None
    if len(tokens) < 2 or tokens[-1].type not in _SIGNS or tokens[-2].type != "NAME":
        return None
    return find(str(tokens[-2]))


def _offers(field: Field, store: "Store | None") -> Iterator[tuple[str, str]]:
    """Values with what they mean; where they were seen that says enough."""
    yield from field.choices.items()
    for value in _SAMPLES.get(field.type, ()) if not field.usual else ():
        yield value, field.type.value
    told = set()
    if field.seen is not None and store is not None:
        for value in islice(field.seen(store), LOOKED_AT):
            if value and value not in told:
                told.add(value)
                yield value, "seen"
    for value in field.usual:
        if value not in told:
            yield value, field.help


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else value[: _LONGEST_SHOWN - 1] + "…"


# Ranking


def _ranked(typed: str, offers: Iterable[Offer]) -> list[Offer]:
    """Those that have what was typed: at their start, at the start of a word, anywhere."""
    wanted = typed.casefold()
    ranks: tuple[list[Offer], ...] = ([], [], [])
    for offer in offers:
        rank = _rank(wanted, offer[0].casefold())
        if rank is not None and len(ranks[rank]) < MOST:
            ranks[rank].append(offer)
            if rank == 0 and len(ranks[0]) == MOST:
                break
    return [offer for rank in ranks for offer in rank][:MOST]


def _rank(wanted: str, text: str) -> int | None:
    at = text.find(wanted)
    if at <= 0:
        return None if at else 0
    while at > 0:
        if not text[at - 1].isalnum():
            return 1
        at = text.find(wanted, at + 1)
    return 2
