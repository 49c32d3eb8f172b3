"""The frames of a stack, the one that raised first; those of libraries are folded together."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from asgitrace.views.clean import clean
from asgitrace.views.exceptions.model import Frame
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle
from asgitrace.views.rows import clipped, fit
from asgitrace.words import counted

_OPEN: Final = 3
"""Frames of the app whose source is seen at first."""
_NAMES: Final = 3
_OUTER: Final = 20
"""Of a deep stack, frames at its outer end that the recorder keeps."""
_UNDERLINE: Final = Style(underline=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: of a block, of a frame, or of its source."""

    frame: Frame | None = None
    number: int | None = None
    """Of the line of source; None for the frame's own line."""
    heads: bool = False
    """It opens and closes its block."""
    inside: bool = False
    """Its block has a line of its own before it."""


@dataclass(slots=True)
class Block:
    """A frame of the app with its source, or the library frames between two of those."""

    frames: tuple[Frame, ...]
    title: str
    """Where it stands for more than one frame."""
    opened: bool

    def rows(self, *, opened: bool | None = None) -> list[Row]:
        """Its lines as it is, or as it would be."""
        opened = self.opened if opened is None else opened
        if self.title:
            rows = [Row(heads=True)]
            frames = self.frames if opened else ()
        else:
            rows, frames = [], self.frames
        for frame in frames:
            rows.append(Row(frame, heads=not self.title, inside=bool(self.title)))
            if opened and any(frame.source):
                numbers = range(frame.first, frame.first + len(frame.source))
                rows += [Row(frame, number, inside=True) for number in numbers]
        return rows


class FrameLines(Lines):
    """Frames, the innermost first."""

    def __init__(self, frames: tuple[Frame, ...], left_out: int = 0) -> None:
        self._blocks = list(_blocks(frames, left_out))
        self._lay_out()

    def _lay_out(self) -> None:
        self._rows = [block.rows() for block in self._blocks]
        self._starts = [0, *accumulate(map(len, self._rows))]

    def __len__(self) -> int:
        return self._starts[-1]

    def _at(self, index: int) -> tuple[Block, Row]:
        block = bisect_right(self._starts, index) - 1
        return self._blocks[block], self._rows[block][index - self._starts[block]]

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        block, row = self._at(index)
        if not row.heads or not block.frames or opened is block.opened:
            return False
        block.opened = not block.opened
        self._lay_out()
        return True

    def parent(self, index: int) -> int:
        return self._starts[bisect_right(self._starts, index) - 1]

    def text(self, index: int) -> str:
        block, row = self._at(index)
        if row.frame is None:
            return block.title
        return row.frame.title if row.number is None else _source(row)

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        """Lines that are folded away are found too, and then unfolded."""
        count = len(self._blocks)
        first = bisect_right(self._starts, start) - 1
        inside = start - self._starts[first]
        for place in range(first, count) if step > 0 else range(first, -1, -1):
            block = self._blocks[place]
            if not block.opened and block.frames and self._hidden(block, needle):
                if place == first and step < 0:
                    inside = len(block.rows(opened=True)) - 1
                block.opened = True
                self._lay_out()
            rows = range(len(self._rows[place]))
            if place == first:
                rows = rows[inside:] if step > 0 else rows[: inside + 1]
            for at in rows[::step]:
                index = self._starts[place] + at
                if needle.found_in(self.text(index)):
                    yield index
            yield None

    def _hidden(self, block: Block, needle: Needle) -> bool:
        """Whether the needle is in a line that is folded away."""
        shown = block.rows()
        return any(
            needle.found_in(row.frame.title if row.number is None else _source(row))
            for row in block.rows(opened=True)
            if row.frame is not None and row not in shown
        )

    def cells(self, index: int, width: int, look: Look) -> Cells:
        block, row = self._at(index)
        if row.frame is None:
            fold = _fold(block, look) if block.frames else " "
            return [Segment(fit(f" {fold} {block.title}", width, look), look.dim)]
        if row.number is None:
            return _title(block, row, row.frame, width, look)
        return _source_cells(row.frame, row.number, width, look)


def _blocks(frames: tuple[Frame, ...], left_out: int) -> Iterator[Block]:
    """From the innermost to the outermost."""
    seen = 0
    gap = max(0, len(frames) - _OUTER) if left_out else len(frames) + 1
    for block in _runs(frames):
        seen += len(block.frames)
        yield block
        if seen >= gap:
            gap = len(frames) + 1
            yield Block((), f"{left_out:,} frames are not recorded", opened=False)


def _runs(frames: tuple[Frame, ...]) -> Iterator[Block]:
    alone = all(frame.library for frame in frames)
    shown = 0
    for library, run in groupby(reversed(frames), key=lambda frame: frame.library):
        inside = tuple(run)
        if library and not (alone and len(inside) == 1):
            yield Block(inside, _library_title(inside), opened=alone)
            continue
        for frame in inside:
            yield Block((frame,), "", opened=shown < _OPEN)
            shown += 1


def _library_title(run: tuple[Frame, ...]) -> str:
    packages = list(dict.fromkeys(_package(frame) for frame in run))
    more = f" and {len(packages) - _NAMES} more" if len(packages) > _NAMES else ""
    return f"{counted(len(run), 'frame')} in {', '.join(packages[:_NAMES])}{more}"


def _package(frame: Frame) -> str:
    return frame.path.lstrip("/").partition("/")[0].removesuffix(".py")


def _fold(block: Block, look: Look) -> str:
    return look.glyphs.opened if block.opened else look.glyphs.folded


def _title(block: Block, row: Row, frame: Frame, width: int, look: Look) -> Cells:
    fold = _fold(block, look) if any(frame.source) else " "
    lead = f" {fold} " if row.heads else "     "
    place = f"{clean(frame.path)}:{frame.line}"
    ink = look.dim if frame.library else look.accent
    room = max(1, width - len(lead))
    name = clean(frame.name)
    spare = room - cell_len(place) - 2
    cells = [Segment(lead, look.faint), Segment(fit(place, min(room, cell_len(place)), look), ink)]
    if spare > 4:
        cells.append(Segment(fit(f"  {name}", spare + 2, look), look.dim))
    return cells


def _source(row: Row) -> str:
    frame = row.frame
    if frame is None or row.number is None:
        return ""
    return frame.source[row.number - frame.first]


def _source_cells(frame: Frame, number: int, width: int, look: Look) -> Cells:
    here = number == frame.line
    mark = look.glyphs.folded if here else " "
    digits = max(4, len(str(frame.first + len(frame.source))))
    lead = [
        Segment(f"     {mark} ", look.bad),
        Segment(f"{number:>{digits}} ", look.dim if here else look.faint),
        Segment(f"{look.glyphs.lifeline} ", look.faint),
    ]
    room = max(1, width - sum(cell.cell_length for cell in lead))
    text = frame.source[number - frame.first]
    if not here:
        return [*lead, Segment(fit(clean(text), room, look), look.dim)]
    return [*lead, *clipped([*_parts(text, frame.span, look)], room, look)]


def _parts(text: str, span: tuple[int, int] | None, look: Look) -> Cells:
    begin, end = span or (0, 0)
    pieces = [
        (text[:begin], look.text),
        (text[begin:end], look.bad + _UNDERLINE),
        (text[max(begin, end) :], look.text),
    ]
    return [Segment(clean(piece), ink) for piece, ink in pieces if piece]
