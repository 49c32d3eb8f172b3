"""What exchanges can be grouped by."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import numpy as np

from asgitrace.store.routes import Derived, route, without_query
from asgitrace.views.statistics.slices import Array, Places

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

LARGEST_KEY: Final = 1 << 22
"""Rows with a key beyond this are in no group of their own: connections that nobody can have
numbered."""

_STATUSES: Final = 5000
_CLOSE_CODES: Final = {
    1000: "Normal Closure",
    1001: "Going Away",
    1002: "Protocol Error",
    1003: "Unsupported Data",
    1005: "No Status Received",
    1006: "Abnormal Closure",
    1007: "Invalid Payload Data",
    1008: "Policy Violation",
    1009: "Message Too Big",
    1010: "Mandatory Extension",
    1011: "Internal Error",
    1012: "Service Restart",
    1013: "Try Again Later",
    1014: "Bad Gateway",
}
"""RFC 6455, section 7.4.1, and IANA's registry of close codes."""


class Keys:
    """What the rows of a listing are grouped by, as a number for each row."""

    def __init__(self, listing: "Listing") -> None:
        self.listing = listing

    def prepare(self) -> Iterator[None]:
        """What is to be done before rows have keys, in parts of some milliseconds."""
        yield

    @property
    def epoch(self) -> Hashable:
        """While it is the same, keys keep their meaning."""
        return self.listing.string_epoch

    @property
    def size(self) -> int:
        """The keys are from 0 up to this, as far as the rows were there when it was asked for."""
        raise NotImplementedError

    def of(self, places: Places) -> Array:
        """The key of each row."""
        raise NotImplementedError

    def value(self, key: int) -> str:
        """What the rows of this key have in common, as the filter knows it."""
        raise NotImplementedError

    def words(self, key: int) -> str:
        """The same as it is shown."""
        return self.value(key)


class _OfPath(Keys):
    """Something that is derived from the path."""

    def __init__(self, listing: "Listing", function: Callable[[str], str]) -> None:
        super().__init__(listing)
        self._derived = Derived(function)

    def prepare(self) -> Iterator[None]:
        while not self._derived.advance(self.listing.paths, self.listing.string_epoch):
            yield

    @property
    def size(self) -> int:
        return len(self._derived.table)

    def of(self, places: Places) -> Array:
        numbers = self._derived.numbers
        paths = self.listing.path[places]
        known = paths < len(numbers)
        if known.all():
            return numbers[paths]
        return np.where(known, numbers[np.where(known, paths, 0)], LARGEST_KEY)

    def value(self, key: int) -> str:
        return self._derived.table[key]


class _Clients(Keys):
    """The host of the client."""

    @property
    def size(self) -> int:
        return len(self.listing.clients)

    def of(self, places: Places) -> Array:
        return self.listing.client[places]

    def value(self, key: int) -> str:
        return self.listing.clients[key]


class _Connections(Keys):
    """The connection; connections of several processes may have one number."""

    _span = 1

    def prepare(self) -> Iterator[None]:
        numbers = self.listing.connection
        self._span = int(numbers.max(initial=0)) + 1
        yield

    @property
    def size(self) -> int:
        sources = int(self.listing.source.max(initial=0)) + 1
        return min(sources * self._span, LARGEST_KEY)

    def of(self, places: Places) -> Array:
        sources = np.maximum(self.listing.source[places], 0).astype(np.int64)
        numbers = self.listing.connection[places].astype(np.int64)
        keys = sources * self._span + numbers
        return np.where(numbers < self._span, np.minimum(keys, LARGEST_KEY), LARGEST_KEY)

    def value(self, key: int) -> str:
        number = key % self._span
        return str(number) if number else ""

    def source(self, key: int) -> int:
        """The number of its process."""
        return key // self._span

    def words(self, key: int) -> str:
        number = self.value(key)
        source = self.source(key)
        if not number or len(self.listing.processes) == 1:
            return number
        worker = self.listing.processes[source].worker
        return f"{number}, worker {worker}" if worker else f"{number}, process {source + 1}"


class _Workers(Keys):
    """Which of several processes it was."""

    @property
    def size(self) -> int:
        return max((process.worker for process in self.listing.processes), default=0) + 1

    def of(self, places: Places) -> Array:
        # A note on no process has the number -1, which is the last place.
        workers = [*(process.worker for process in self.listing.processes), 0]
        return np.array(workers, np.int64)[self.listing.source[places]]

    def value(self, key: int) -> str:
        return str(key) if key else ""

    def words(self, key: int) -> str:
        if not key:
            return ""
        process = next(each for each in self.listing.processes if each.worker == key)
        told = f"{process.target}  {process.server}".strip()
        # Of one width, so that their order by name is that of their numbers.
        return f"worker {key:>{len(str(self.size - 1))}}  pid {process.pid}  {told}"


class _Statuses(Keys):
    """HTTP status or close code."""

    @property
    def size(self) -> int:
        return _STATUSES

    def of(self, places: Places) -> Array:
        statuses = self.listing.status[places]
        return np.where((statuses >= 0) & (statuses < _STATUSES), statuses, LARGEST_KEY)

    def value(self, key: int) -> str:
        return str(key) if key else ""

    def words(self, key: int) -> str:
        name = _CLOSE_CODES.get(key, "")
        if key in HTTPStatus._value2member_map_:
            name = HTTPStatus(key).phrase
        return f"{self.value(key)} {name}".strip()


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to group."""

    name: str
    """Also the field of the filter."""
    title: str
    none: str
    """How the group is called whose rows have no such thing."""
    keys: Callable[["Listing"], Keys]


GROUPINGS: Final = (
    Grouping("route", "route", "no path", lambda listing: _OfPath(listing, route)),
    Grouping("path", "path", "no path", lambda listing: _OfPath(listing, without_query)),
    Grouping("client", "client", "not known", _Clients),
    Grouping("conn", "connection", "not known", _Connections),
    Grouping("status", "status", "none yet", _Statuses),
    Grouping("worker", "worker", "only one process", _Workers),
)
