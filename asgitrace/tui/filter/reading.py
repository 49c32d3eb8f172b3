"""A filter as it is typed: what it means, or where it cannot be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from asgitrace.errors import FilterError
from asgitrace.filter.model import Predicate

LONGEST: Final = 2_000
"""Characters of a filter; more than that nobody types."""
_NONE_SAVED: Final = "a field or a word, as no filter is saved yet"

_NAME: Final = r"[\w.-]+"
_PIECES: Final = re.compile(
    r'"(?:\\.|[^"\\])*"?'  # a string
    r"|~\s*/(?:\\.|[^/\\])*/?"  # a pattern
    rf"|(?<![^\s(!-])@(?P<name>{_NAME})?"
)
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a filter cannot be read, and which of its characters are meant."""

    position: int
    length: int
    expected: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A filter that was read: a predicate, or what is wrong; neither where nothing was typed."""

    text: str
    """As typed."""
    predicate: Predicate | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A saved filter's name in the typed text, and what it stands for in the whole one."""

    start: int
    end: int
    at: int
    length: int


def warm_up() -> None:
    """Have the grammar and the fields ready, which takes a while the first time."""
    read("exc", {})


def usable(name: str) -> bool:
    """Whether a filter of this name can be written as ``@name``."""
    return re.fullmatch(_NAME, name) is not None


def read(text: str, saved: Mapping[str, str]) -> Reading:
    """Read a filter in which ``@name`` stands for a saved one. Never raises."""
    if not text.strip():
        return Reading(text)
    try:
        whole, pieces = _expanded(text, saved, _DEEPEST)
    except FilterError as error:
        return Reading(text, fault=_fault(error))
    # Late, as the language is not needed before somebody filters.
    from asgitrace.filter import compile_filter

    try:
        return Reading(text, compile_filter(whole))
    except FilterError as error:
        return Reading(text, fault=_as_typed(_fault(error), pieces))


def expanded(text: str, saved: Mapping[str, str]) -> str:
    """A filter with the saved ones in full; raises FilterError where there is no such name."""
    return _expanded(text, saved, _DEEPEST)[0]


def _fault(error: FilterError) -> Fault:
    return Fault(error.position, error.length, error.expected)


def _expanded(text: str, saved: Mapping[str, str], depth: int) -> tuple[str, list[_Piece]]:
    parts: list[str] = []
    pieces: list[_Piece] = []
    done = length = 0
    for match in _PIECES.finditer(text):
        if not match[0].startswith("@"):
            continue
        meant = _meant(match["name"] or "", match, saved, depth)
        before = text[done : match.start()]
        length += len(before)
        pieces.append(_Piece(match.start(), match.end(), length, len(meant)))
        length += len(meant)
        parts += before, meant
        done = match.end()
    return "".join((*parts, text[done:])), pieces


def _meant(name: str, match: re.Match[str], saved: Mapping[str, str], depth: int) -> str:
    found = saved.get(name)
    if found is None or not depth or not found.strip():
        known = ", ".join(f"@{each}" for each in saved if usable(each))
        expected = f"one of the saved filters: {known}" if known else _NONE_SAVED
        raise FilterError(
            f"No filter is saved as {match[0]!r}.",
            position=match.start(),
            length=len(match[0]),
            expected=expected,
        )
    try:
        return f"({_expanded(found, saved, depth - 1)[0]})"
    except FilterError as error:
        raise FilterError(
            f"In {match[0]}: {error}",
            position=match.start(),
            length=len(match[0]),
            expected=f"in the saved filter: {error.expected}",
        ) from error


def _as_typed(fault: Fault, pieces: list[_Piece]) -> Fault:
    """A fault of the whole text, at the characters that were typed."""
    shift = 0
    for piece in pieces:
        if fault.position < piece.at:
            break
        if fault.position < piece.at + piece.length:
            return Fault(
                piece.start, piece.end - piece.start, f"in the saved filter: {fault.expected}"
            )
        shift = piece.end - piece.at - piece.length
    return Fault(fault.position + shift, fault.length, fault.expected)
