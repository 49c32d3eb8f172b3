"""Records one after another, one line each, that open to their content: events, lines, parts.

Only where each record begins and ends is kept; what is in it is read when it is looked at. So
100,000 of them cost what their bytes do."""

from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.segment import Segment

from asgitrace.views.body.faults import Fault
from asgitrace.views.body.model import CannotRender, Part, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.record_kind import Found, Glance, Kind, Unreadable
from asgitrace.views.lines import Cells, Lines, NoLines
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle, Span
from asgitrace.views.rows import clipped
from asgitrace.words import counted

_INDENT: Final = 4
_SLICE_RECORDS: Final = 2_500
_SLICE_BYTES: Final = 1 << 20
_SLICE_WINDOWS: Final = 2
"""Records, bytes of them, and windows without one, that are gone through at a time."""
_SHOWN: Final = 2_048
"""Bytes of a record that its line is made of."""
_LARGE: Final = 64 * 1024
"""A record from here on is opened beside the screen."""


class RecordLines(Lines):
    """The records of bytes that grow."""

    def __init__(self, kind: Kind, *, inner: bool = False) -> None:
        self._kind = kind
        self._opened = 0 if inner else kind.opened
        self._data = bytearray()
        self._starts = array("Q")
        self._ends = array("Q")
        self._at = 0
        self._looked = 0
        self._final = False
        self._fault = ""
        self._open: list[int] = []
        """Numbers of the open ones, in order."""
        self._contents: dict[int, Lines] = {}
        self._width = 80

    def feed(self, data: bytes, *, final: bool) -> None:
        """The data goes on."""
        self._data += data
        self._final = final
        self._read()

    def _read(self) -> bool:
        """Find more records; True if there are, or if it looked for them in vain."""
        before, looked, windows = self.count, self._looked, _SLICE_WINDOWS
        for _ in range(_SLICE_RECORDS):
            if self._fault or self._looked > looked + _SLICE_BYTES:
                break
            try:
                found = self._kind.find(self._data, self._at, self._looked, self._final)
            except Unreadable as error:
                count = counted(self.count, "record")
                self._fault = f"{error}, at byte {self._at:,}, after {count}"
                break
            if isinstance(found, Found):
                self._take(found)
                continue
            self._at, self._looked = found.at, found.until
            windows -= 1
            if found.until >= len(self._data) or not windows:
                break
        return self.count > before or self._looked > looked

    def _take(self, found: Found) -> None:
        number = len(self._starts)
        self._starts.append(found.start)
        self._ends.append(found.end)
        self._at = self._looked = found.after
        if number < self._opened:
            self._unfold(number)

    @property
    def fault(self) -> str:
        """Why the records end before the data does; empty if they do not."""
        return self._fault

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(self._starts)

    def record(self, number: int) -> bytes:
        """The bytes of one."""
        return bytes(memoryview(self._data)[self._starts[number] : self._ends[number]])

    def _glance(self, number: int) -> Glance:
        start, end = self._starts[number], self._ends[number]
        data = bytes(memoryview(self._data)[start : min(end, start + _SHOWN)])
        return Glance(data, end - start, number)

    # Lines

    def __len__(self) -> int:
        contents = sum(map(len, self._contents.values()))
        return len(self._starts) + contents + bool(self._fault)

    def _find(self, index: int) -> tuple[int, int]:
        """Which record a line belongs to, and which line of its content it is; -1 for its head."""
        before = 0
        for number in self._open:
            head = number + before
            if index <= head:
                break
            size = len(self._contents[number])
            if index <= head + size:
                return number, index - head - 1
            before += size
        return index - before, -1

    def _head_of(self, number: int) -> int:
        """Index of a record's line."""
        opened = self._open[: bisect_left(self._open, number)]
        return number + sum(len(self._contents[before]) for before in opened)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        number, inside = self._find(index)
        if number >= len(self._starts):
            return Fault(self._fault).cells(0, width, look)
        if inside >= 0:
            lead = Segment(" " * _INDENT, look.text)
            inner = self._contents[number].cells(inside, max(1, width - _INDENT), look)
            return clipped([lead, *inner], width, look)
        glance = self._glance(number)
        fold = " "
        if self._kind.opens(glance):
            fold = look.glyphs.opened if number in self._contents else look.glyphs.folded
        head = self._kind.head(glance, look)
        return clipped([Segment(f" {fold} ", look.faint), *head], width, look)

    def text(self, index: int) -> str:
        number, inside = self._find(index)
        if number >= len(self._starts):
            return self._fault
        if inside >= 0:
            return self._contents[number].text(inside)
        return self.record_text(number)

    def record_text(self, number: int) -> str:
        """A record as a copy gives it."""
        return self._kind.text(self.record(number))

    def inside(self, index: int) -> tuple[Lines, int]:
        """The lines that have a line: of a record's content, or its own."""
        number, inside = self._find(index)
        if number >= self.count:
            return NoLines(), 0
        return (self._contents[number], inside) if inside >= 0 else (_Heads(self, number, 1), 0)

    @property
    def parts(self) -> Sequence[Lines]:
        """The records' own lines, and between them the contents that are open."""
        parts: list[Lines] = []
        first = 0
        for number in self._open:
            parts += [_Heads(self, first, number + 1 - first), self._contents[number]]
            first = number + 1
        return [*parts, _Heads(self, first, self.count + bool(self._fault) - first)]

    def marks(self, index: int, needle: Needle) -> list[Span] | None:
        number, inside = self._find(index)
        if inside < 0:
            return None
        found = self._contents[number].marks(inside, needle)
        return found and [(start + _INDENT, end + _INDENT) for start, end in found]

    def offset(self, number: int) -> int:
        """Where a record begins, in bytes."""
        return self._starts[number]

    def searched(self, index: int) -> str:
        number, inside = self._find(index)
        if inside >= 0:
            return self._contents[number].searched(inside)
        # What is open is found in its own lines.
        return "" if number in self._contents else self.text(index)

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        number, inside = self._find(start)
        down = step > 0
        if inside >= 0:
            yield from self._search_in(number, needle, inside, step)
        if number >= self.count and self._fault and needle.found_in(self._fault):
            yield len(self) - 1
        # Above the content of a record is its own line, which says nothing more; below it the next.
        if inside >= 0 or number >= self.count or (not down and number in self._contents):
            number += 1 if down else -1
        while 0 <= number < self.count:
            if number in self._contents:
                yield from self._search_in(number, needle, 0 if down else -1, step)
            elif needle.found_in(self.record_text(number)):
                yield from self._search_folded(number, needle, step)
            else:
                yield None
            number += 1 if down else -1
        if down and number == self.count and self._fault and needle.found_in(self._fault):
            yield len(self) - 1

    def _search_in(
        self, number: int, needle: Needle, inside: int, step: int
    ) -> Iterator[int | None]:
        """In the content of an open one."""
        content = self._contents[number]
        while content.work():
            yield None
        start = inside if inside >= 0 else len(content) - 1
        for found in content.search(needle, start, step):
            yield None if found is None else self._head_of(number) + 1 + found

    def _search_folded(self, number: int, needle: Needle, step: int) -> Iterator[int | None]:
        """Open one in which there is something; its own line where it has no more to show."""
        self._unfold(number)
        some = False
        if number in self._contents:
            for found in self._search_in(number, needle, 0 if step > 0 else -1, step):
                some = some or found is not None
                yield found
        if not some:
            yield self._head_of(number)

    def reflow(self, width: int) -> None:
        self._width = width
        for content in self._contents.values():
            content.reflow(max(1, width - _INDENT))

    def work(self) -> bool:
        changed = self._read()
        return any(content.work() for content in list(self._contents.values())) or changed

    # Folding

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        number, inside = self._find(index)
        if number >= len(self._starts):
            return False
        if inside >= 0:
            return self._contents[number].toggle(inside, opened)
        folded = number not in self._contents
        if opened is not None and opened is not folded:
            return False
        if folded:
            return self._unfold(number)
        self._open.remove(number)
        del self._contents[number]
        return True

    def _unfold(self, number: int) -> bool:
        if not self._kind.opens(self._glance(number)):
            return False
        content = self._content(self.record(number))
        content.reflow(max(1, self._width - _INDENT))
        self._contents[number] = content
        insort(self._open, number)
        return True

    def _content(self, data: bytes) -> Lines:
        if len(data) < _LARGE:
            return self._kind.content(data)
        part = whole(lambda held, _: self._kind.content(held))(Sample(b""))
        part.feed(data, final=True)
        return part.lines

    def parent(self, index: int) -> int:
        number, inside = self._find(index)
        if inside < 0:
            return index
        outer = self._contents[number].parent(inside)
        head = self._head_of(number)
        return head if outer == inside else head + 1 + outer


class _Heads(Lines):
    """The lines of some records, which know where these are."""

    def __init__(self, of: RecordLines, first: int, size: int) -> None:
        self._of = of
        self._first = first
        self._size = size

    def __len__(self) -> int:
        return self._size

    def place(self, index: int) -> str:
        """A record's number, and where it begins."""
        number = self._first + index
        return f"{number + 1:,} at byte {self._of.offset(number):,}"


class RecordPart:
    """A run as records."""

    def __init__(self, kind: Kind, *, inner: bool = False) -> None:
        self._lines = RecordLines(kind, inner=inner)
        self.lines: Lines = self._lines

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came. Raises CannotRender if there is not one record."""
        self._lines.feed(data, final=final)
        if self._lines.fault and not self._lines.count:
            raise CannotRender(self._lines.fault.partition(",")[0])


def records(kind: Callable[[Sample], Kind]) -> Callable[[Sample], Part]:
    """What makes parts of the records that suit a sample."""

    def part(sample: Sample) -> Part:
        return RecordPart(kind(sample), inner=sample.inner)

    return part
