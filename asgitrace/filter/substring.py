"""The first filter: words that path, method or status must contain, all of them.

``shop post`` shows exchanges with both words; ``-health`` leaves out those with the word. ``404``
is a status (or part of a path), ``4xx`` a class of them, ``1xxx`` the close codes of WebSocket.
Each word is looked for once in every distinct string, and the rows then only indexed, so that a
million rows take milliseconds.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_NOTHING: Final[Mask] = np.zeros(0, np.bool_)
_CLASS: Final = re.compile(r"([1-9])(xxx?)")


class Columns(Protocol):
    """What the filter looks at: one entry for each row, and the strings the entries point into."""

    @property
    def status(self) -> NDArray[Any]: ...

    @property
    def method(self) -> NDArray[Any]: ...

    @property
    def path(self) -> NDArray[Any]: ...

    @property
    def methods(self) -> Sequence[str]: ...

    @property
    def paths(self) -> Sequence[str]: ...

    @property
    def string_epoch(self) -> Hashable:
        """While it is the same, the strings keep their numbers, and new ones come at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a filter, in lower case."""

    text: str
    excluded: bool = False


def parse(text: str) -> tuple[Word, ...]:
    """The words of a filter; a lone ``-`` is still being typed and says nothing."""
    return tuple(
        Word(word.removeprefix("-"), excluded=word.startswith("-"))
        for word in text.casefold().split()
        if word != "-"
    )


class Filter:
    """Words, with what was already found out about the strings."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._terms = [_Term(word) for word in words]
        self._epoch: Hashable = None

    def mask(self, columns: Columns) -> Mask:
        """Which rows have all the words."""
        if columns.string_epoch != self._epoch:
            self._epoch = columns.string_epoch
            self._terms = [_Term(term.word) for term in self._terms]
        mask = np.ones(len(columns.status), dtype=np.bool_)
        for term in self._terms:
            mask &= term.mask(columns)
        return mask


def matching(words: Sequence[Word], columns: Columns) -> Mask:
    """Which rows have all the words."""
    return Filter(words).mask(columns)


class _Term:
    """One word and the strings that have it."""

    def __init__(self, word: Word) -> None:
        self.word = word
        self._methods = self._paths = _NOTHING
        self._of_status = _status_test(word.text)

    def mask(self, columns: Columns) -> Mask:
        self._methods = self._searched(self._methods, columns.methods)
        self._paths = self._searched(self._paths, columns.paths)
        found: Mask = self._methods[columns.method] | self._paths[columns.path]
        if self._of_status is not None:
            found |= self._of_status(columns.status)
        return ~found if self.word.excluded else found

    def _searched(self, known: Mask, strings: Sequence[str]) -> Mask:
        """What is known about the strings, and about those that are new."""
        if len(known) == len(strings):
            return known
        text, new = self.word.text, islice(strings, len(known), None)
        found = [text in string.casefold() for string in new]
        return np.concatenate((known, np.array(found, np.bool_)))


def _status_test(text: str) -> Callable[[NDArray[Any]], Mask] | None:
    if re.fullmatch(r"[0-9]{3,4}", text):
        number = int(text)
        return lambda status: np.equal(status, number)
    if match := _CLASS.fullmatch(text):
        digit, rest = match.groups()
        scale = 10 ** len(rest)
        return lambda status: np.equal(status // scale, int(digit))
    return None
