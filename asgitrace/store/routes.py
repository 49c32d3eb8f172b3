"""The route of a path: what is the same for all the items that a place of the app serves.

The app's own routes are not known: what they look like is told from the paths. A segment that names
one of many (a number, an identifier) is replaced by the kind of name it is, so that
``/items/17?q=a`` and ``/items/18`` have the route ``/items/{n}``. A file's extension may
follow: ``/items/17.json`` has ``/items/{n}.json``.
"""

import re
from collections.abc import Hashable, Sequence
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
    path = path.partition("?")[0]
    # All the names above have a digit in them.
    return _NAMED.sub(_kind, path) if _DIGIT.search(path) else path


def _kind(found: re.Match[str]) -> str:
    return f"{{{found.lastgroup}}}"


class Routes:
    """The routes of a table of paths, each worked out once and numbered as it is first met."""

    def __init__(self) -> None:
        self.table: list[str] = []
        """The distinct routes, by number."""
        self.epoch: Hashable = None
        """Of the paths; while it is the same, the routes keep their numbers."""
        self._numbers: dict[str, int] = {}
        self._of_path = np.zeros(0, np.int32)
        self._known = 0

    def advance(self, paths: Sequence[str], epoch: Hashable) -> bool:
        """Go on for some milliseconds at most; whether all the paths are known now.

        While ``epoch`` is the same, paths keep their numbers and new ones come at the end.
        """
        if epoch != self.epoch:
            self.epoch = epoch
            self.table, self._numbers, self._known = [], {}, 0
        new = paths[self._known : self._known + _SLICE]
        numbers = [self._number(route(path)) for path in new]
        self._make_room(self._known + len(numbers))
        self._of_path[self._known : self._known + len(numbers)] = numbers
        self._known += len(numbers)
        return self._known >= len(paths)

    @property
    def of_path(self) -> npt.NDArray[Any]:
        """The numbers of the routes, by the numbers of the paths known so far."""
        return self._of_path[: self._known]

    def _number(self, text: str) -> int:
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.table)
            self.table.append(text)
        return number

    def _make_room(self, wanted: int) -> None:
        if wanted > len(self._of_path):
            grown = np.zeros(max(wanted, 2 * len(self._of_path), _SLICE), np.int32)
            grown[: self._known] = self._of_path[: self._known]
            self._of_path = grown
