"""What is searched for: a text, in capitals or not as it was typed, or a regular expression.

A text without capitals finds capitals too. One between slashes is a regular expression if there is
anything in it that only an expression means: ``/items/`` is a path, ``/items/[0-9]+/`` is not.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import regex

LONGEST: Final = 1_000
"""Characters of what is searched for."""

WINDOW: Final = 1 << 16
"""Characters of a text that are searched at a time."""

REACH: Final = 2_000
"""Characters of a match of a regular expression that is found wherever it begins."""

TIME: Final = 0.025
"""Seconds that a regular expression gets for a window."""

PATIENCE: Final = 0.25
"""Seconds in a second attempt: the machine may have been busy with something else."""

_MOST: Final = 1_000
"""Matches in one text that are told."""
_SPECIAL: Final = re.compile(r"[\\^$.|?*+()\[\]{}]")
_ESCAPE: Final = re.compile(r"\\.", re.DOTALL)

Span = tuple[int, int]
"""Where a match begins, and where it is over."""


class NeedleError(ValueError):
    """It cannot be searched for; the text says why, in a sentence without a full stop."""


class Needle:
    """Something to search for.

    Args:
        typed: as it was typed.
        capitals: whether capitals differ from small letters; None where what was typed tells.
        expression: whether it is a regular expression; None where the slashes tell.

    Raises:
        NeedleError: the expression cannot be read, or what was typed is too long.
    """

    __slots__ = ("_find", "_search", "_wanted", "capitals", "expression", "reach", "text", "typed")

    def __init__(
        self, typed: str, *, capitals: bool | None = None, expression: bool | None = None
    ) -> None:
        if len(typed) > LONGEST:
            raise NeedleError(f"that is longer than {LONGEST:,} characters")
        inner = typed[1:-1]
        between = len(typed) > 2 and typed[0] == typed[-1] == "/"
        if expression is None:
            expression = between and _SPECIAL.search(inner) is not None
        self.typed: Final = typed
        self.expression: Final = expression
        self.text: Final = inner if expression and between else typed
        """Without the slashes."""
        letters = _ESCAPE.sub("", self.text) if expression else self.text
        self.capitals: Final = letters != letters.lower() if capitals is None else capitals
        self.reach: Final = REACH if expression else len(self.text)
        """Characters that a match is long at most, as far as it is found for sure."""
        self._wanted = self.text if self.capitals else folded(self.text)
        compiled = _compiled(self.text, capitals=self.capitals) if expression else None
        self._find: Any = None if compiled is None else compiled.finditer
        self._search: Any = None if compiled is None else compiled.search

    def __bool__(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Needle) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, bool, bool]:
        return self.text, self.expression, self.capitals

    def found_in(self, text: str) -> bool:
        """Whether it is anywhere in a text. Raises NeedleError where that takes too long."""
        if len(text) > WINDOW:
            return any(True for _ in self.hits(text))
        if self.expression:
            return self._expression_in(text)
        return bool(self.text) and self._wanted in (text if self.capitals else folded(text))

    def _expression_in(self, text: str) -> bool:
        """Whether an expression is in a text that is one window; mostly there is nothing."""
        try:
            if self._search(text, timeout=TIME) is None:
                return False
        except TimeoutError:
            pass
        return any(True for _ in self.hits(text))

    def spans(self, text: str) -> list[Span]:
        """Where it is in a text, from left to right, none in another; no more than a thousand.
        Raises NeedleError where that takes too long."""
        found: list[Span] = []
        for span in self.hits(text):
            found.append(span)
            if len(found) == _MOST:
                break
        return found

    def hits(self, text: str, start: int = 0) -> Iterator[Span]:
        """The same one by one, of those that begin at ``start`` or behind it."""
        for span in self.walk(text, start):
            if span is not None:
                yield span

    def walk(self, text: str, start: int = 0, step: int = 1) -> Iterator[Span | None]:
        """Through a text of any length, with None after each window of it: where the matches are
        that begin at ``start`` or behind it; or with a negative ``step`` those that begin before
        ``start``, the last one first."""
        if step > 0:
            yield from self._forwards(text, start)
        else:
            yield from self._backwards(text, start)

    def _forwards(self, text: str, start: int) -> Iterator[Span | None]:
        while self and start < len(text):
            end = start + WINDOW
            for span in self._window(text, start, end):
                yield span
                start = span[1]
            start = max(start, end)
            yield None

    def _backwards(self, text: str, start: int) -> Iterator[Span | None]:
        end = min(start, len(text))
        while self and end > 0:
            begin = max(0, end - WINDOW)
            yield from reversed(self._window(text, begin, end))
            end = begin
            yield None

    def _window(self, text: str, start: int, end: int) -> list[Span]:
        """The matches that begin between two places, which may end behind the second."""
        # One character before it as well, for what looks behind itself.
        before = max(0, start - 1)
        part = text[before : end + self.reach - 1]
        low, high = start - before, end - before
        found = self._matches(part, low) if self.expression else self._texts(part, low)
        return [(at + before, over + before) for at, over in found if at < high]

    def _texts(self, part: str, at: int) -> list[Span]:
        wanted = self._wanted
        if not self.capitals:
            part = folded(part)
        found: list[Span] = []
        while (at := part.find(wanted, at)) >= 0:
            found.append((at, at + len(wanted)))
            at += len(wanted)
        return found

    def _matches(self, part: str, at: int) -> list[Span]:
        try:
            return self._try(part, at, TIME)
        except TimeoutError:
            pass
        try:
            return self._try(part, at, PATIENCE)
        except TimeoutError:
            shown = self.text if len(self.text) <= 40 else self.text[:39] + "…"
            raise NeedleError(f"/{shown}/ took too long and was stopped") from None

    def _try(self, part: str, at: int, seconds: float) -> list[Span]:
        found = (match.span() for match in self._find(part, at, timeout=seconds))
        # A match of nothing is nothing to be seen.
        return [span for span in found if span[1] > span[0]]


def folded(text: str) -> str:
    """A text in small letters, each in its place: what would become two letters stays."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _compiled(text: str, *, capitals: bool) -> Any:
    flags = regex.MULTILINE | (0 if capitals else regex.IGNORECASE)
    try:
        return regex.compile(text, flags)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise NeedleError(f"not a regular expression: {error}") from None
