"""What the columns of the list are sorted by: for each row of the store a number, or a text of a
table of them.

The titles of the columns are painted before numpy is there, so it is imported by those who sort.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from asgitrace.store.annotation import Annotation

if TYPE_CHECKING:
    import numpy.typing as npt

    from asgitrace.store.store import Store

Values: TypeAlias = "npt.NDArray[Any]"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One value a row, in the order of the store's rows."""

    values: Values
    """Integers."""
    words: Sequence[str] | None = None
    """Where the values are numbers in a table: the texts that the order is by."""


KeyOf = Callable[["Store", int], SortKey]
"""The key as it is at a moment in monotonic ns; its arrays are valid until the store's next
change."""


def by_column(name: str) -> KeyOf:
    """A column of the listing as it is."""
    return lambda store, now: SortKey(getattr(store, name))


def by_text(name: str, table: str) -> KeyOf:
    """The texts that a column points to."""
    return lambda store, now: SortKey(getattr(store, name), getattr(store, table))


def by_part(name: str) -> KeyOf:
    """One of the four kinds of time, up to the moment."""
    return lambda store, now: SortKey(store.parts(name, now))


def by_duration(store: "Store", now: int) -> SortKey:
    """The whole time, up to the moment."""
    return SortKey(store.durations(now))


def by_since(store: "Store", now: int) -> SortKey:
    """From the scope of the row before to its own."""
    import numpy as np

    started = store.started
    return SortKey(np.diff(started, prepend=started[:1]))


def by_worker(store: "Store", now: int) -> SortKey:
    """Which of several processes it came from."""
    import numpy as np

    # A note on no process has the number -1, which is the last place.
    workers = [*(process.worker for process in store.processes), 0]
    return SortKey(np.array(workers, np.int64)[store.source])


def by_size(store: "Store", now: int) -> SortKey:
    """Bytes received and sent."""
    return SortKey(store.received + store.sent)


def by_http_version(store: "Store", now: int) -> SortKey:
    """The version of HTTP in the scope."""
    return SortKey(store.origin, [origin.http_version for origin in store.origins])


def _by_note(worth: Callable[[Annotation], str]) -> KeyOf:
    def key(store: "Store", now: int) -> SortKey:
        import numpy as np

        values = np.zeros(len(store.numbers), np.int64)
        words = [""]
        for number, note in store.annotations:
            place = int(np.searchsorted(store.numbers, number))
            if place < len(values) and store.numbers[place] == number:
                values[place] = len(words)
                words.append(worth(note))
        return SortKey(values, words)

    return key


by_mark = _by_note(lambda note: "2" if note.marked else "1")
by_tags = _by_note(lambda note: " ".join(note.tags))
by_comment = _by_note(lambda note: note.comment)
