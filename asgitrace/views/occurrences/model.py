"""What a search in all exchanges is for, and what it finds."""

from dataclasses import dataclass
from enum import Flag, auto
from typing import Final

from asgitrace.views.clean import clean
from asgitrace.views.needle import Needle, Span


class Parts(Flag):
    """What is searched."""

    SCOPE = auto()
    """Path, query and headers, of the request and the response."""
    BODIES = auto()
    MESSAGES = auto()
    """Of WebSockets."""
    EXCEPTIONS = auto()
    LOG = auto()


EVERYTHING: Final = Parts(sum(part.value for part in Parts))

_BEFORE: Final = 32
_HIT: Final = 80
_AFTER: Final = 160


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where it is."""

    number: int
    """Of the row; 0 for a log line that belongs to none."""
    where: str
    """In words: ``request header cookie``, ``response body @1,204``, ``message 14 out``."""
    before: str
    hit: str
    after: str
    """A piece of the text, in three, cleaned."""
    tab: str = ""
    """The tab of the detail in which it is to be seen."""
    event: int | None = None
    """Index of the event that holds it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and in which parts."""

    needle: Needle
    parts: Parts = EVERYTHING


def occurrence(
    number: int, where: str, text: str, span: Span, tab: str, event: int | None = None
) -> Occurrence:
    """The occurrence at a place in a text, with a piece of the text around it."""
    start, end = span
    begin = max(0, start - _BEFORE)
    return Occurrence(
        number,
        where,
        clean(text[begin:start]),
        clean(text[start : min(end, start + _HIT)]),
        clean(text[end : end + _AFTER]),
        tab,
        event,
    )
