"""The route of a path: what is the same for all the items that a place of the app serves.

The app's own routes are not known: what they look like is told from the paths. A segment that names
one of many (a number, an identifier) is replaced by the kind of name it is, so that
``/items/17?q=a`` and ``/items/18`` have the route ``/items/{n}``. A file's extension may
follow: ``/items/17.json`` has ``/items/{n}.json``.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_KINDS: Final = {
    "n": r"[0-9]+",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "uuid": r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    # Crockford's base 32; the first digit holds what is left of 128 bits.
    "ulid": r"[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-7][0-9a-hjkmnp-tv-z]{25}",
    "hex": r"(?=[a-fA-F]*[0-9])(?:[0-9a-f]{8,}|[0-9A-F]{8,})",
    # Words with hyphens between them have no capitals, or none within.
    "token": r"(?=[^/.]*[0-9])(?=[^/.]*[a-z])(?=[^/.]*[A-Z])[0-9A-Za-z_-]{20,}",
}
_NAMED: Final = re.compile(
    "(?<=/)(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _KINDS.items())
    + r")(?=/|$|\.[A-Za-z][A-Za-z0-9]{0,7}(?:/|$))"
)
_DIGIT: Final = re.compile("[0-9]")
_SLICE: Final = 1024


def route(path: str) -> str:
    """The route of a path, which may have a query string; see above."""
    path = without_query(path)
    # All the names above have a digit in them.
    return _NAMED.sub(_kind, path) if _DIGIT.search(path) else path


def _kind(found: re.Match[str]) -> str:
    return f"{{{found.lastgroup}}}"


def without_query(path: str) -> str:
    """The path alone."""
    return path.partition("?")[0]


class Derived:
    """What a function makes of a table of strings: each worked out once, and numbered as it is
    first met."""

    def __init__(self, function: Callable[[str], str]) -> None:
        self.table: list[str] = []
        """The distinct results, by number."""
        self.epoch: Hashable = None
        """Of the strings; while it is the same, the results keep their numbers."""
        self._function = function
        self._numbers: dict[str, int] = {}
        self._numbers_of = np.zeros(0, np.int32)
        self._known = 0

    def advance(self, strings: Sequence[str], epoch: Hashable) -> bool:
        """Go on for some milliseconds at most; whether all the strings are known now.

        While ``epoch`` is the same, strings keep their numbers and new ones come at the end.
        """
        if epoch != self.epoch:
            self.epoch = epoch
            self.table, self._numbers, self._known = [], {}, 0
        new = strings[self._known : self._known + _SLICE]
        numbers = [self._number(self._function(string)) for string in new]
        self._make_room(self._known + len(numbers))
        self._numbers_of[self._known : self._known + len(numbers)] = numbers
        self._known += len(numbers)
        return self._known >= len(strings)

    @property
    def numbers(self) -> npt.NDArray[Any]:
        """The numbers of the results, by the numbers of the strings known so far."""
        return self._numbers_of[: self._known]

    def _number(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.table)
            self.table.append(text)
        return number

    def _make_room(self, wanted: int) -> None:
        if wanted > len(self._numbers_of):
            grown = np.zeros(max(wanted, 2 * len(self._numbers_of), _SLICE), np.int32)
            grown[: self._known] = self._numbers_of[: self._known]
            self._numbers_of = grown
