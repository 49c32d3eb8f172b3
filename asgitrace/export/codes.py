"""What the lines of records have in common: words for codes, and payloads decoded without loss."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import IntEnum
from typing import Any, Final

from msgspec import UNSET

from asgitrace.events import Outcome, Phase
from asgitrace.export.content import ContentError, wrap
from asgitrace.ring import decode, encode

Codes = Mapping[str | int, int]
"""Codes by their words."""


def codes_of(words: type[IntEnum]) -> Codes:
    """The codes of an enumeration, by their names in lower case."""
    return {word.name.lower(): word.value for word in words}


PHASES: Final = codes_of(Phase)
OUTCOMES: Final = codes_of(Outcome)


def word_of(codes: Codes, code: int) -> str | int:
    """The word for a code, or the code where there is none."""
    return next((word for word, known in codes.items() if known == code), code)


def code_of(codes: Codes, word: str | int) -> int:
    """The code of a word; a number is a code that had no word when it was written."""
    return word if isinstance(word, int) else codes[word]


def wrap_payload(payload: bytes, places: AbstractSet[str]) -> Any:
    """A payload as what JSON can say; UNSET where that would not give back the same bytes."""
    try:
        content = decode(payload)
        if encode(content) == payload:
            return wrap(content, places)
    except (ContentError, RecursionError):
        pass
    return UNSET
