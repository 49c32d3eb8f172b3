"""A comparison as lines: sections that fold, rows with both sides, all of them or those that
differ."""

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from rich.segment import Segment

from asgitrace.views.compare import drawing
from asgitrace.views.compare.bodies import LINES
from asgitrace.views.compare.comparison import Comparison
from asgitrace.views.compare.layout import Piece, Plan, label_width, pieces, plan, plan_for
from asgitrace.views.compare.model import AnyRow, EventRow, Mark, Row, Section
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.summary import summarise
from asgitrace.views.timeline import type_text
from asgitrace.views.units import format_offset
from asgitrace.words import counted

_PORTION: Final = 2_000
"""Rows that are laid out at a time."""
_DIFFERS: Final = 10
"""A row that differs takes as long as so many others: its values are broken."""
_LOOKED_AT: Final = 200
"""Rows of a section by which its columns are laid out."""
_MOST_COPIED: Final = 10_000
_HEADING: Final = -1
_HEAD: Final = -2
"""Stands for what the columns of events are."""
_BLANK: Final = -3
_NOTES: Final = -10
"""From here downwards: the notes of a section."""


class Place(NamedTuple):
    """What a line shows."""

    section: int
    row: int
    """Or one of the above."""
    at: int
    """Which of the rows of the screen for it."""


class CompareLines(Lines):
    """The lines of a comparison, which grows while it is worked out."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.only = False
        """Only what differs is shown."""
        self._folded: set[str] = set()
        self._width = 0
        self._restart()

    def _restart(self) -> None:
        self._places: list[Place] = []
        self._differing: list[int] = []
        """Lines with the first row of a difference."""
        self._headings: list[int] = []
        self._taken = (0, 0)
        """Section and row up to which there are lines."""
        self._pieces = lru_cache(maxsize=512)(pieces)

    def __len__(self) -> int:
        return len(self._places)

    def reflow(self, width: int) -> None:
        if width != self._width:
            self._width = width
            self._restart()
            self.work()

    def show_only(self, only: bool) -> None:
        """Show only what differs, or everything."""
        self.only = only
        self._restart()
        self.work()

    # Lines as they come

    def work(self) -> bool:
        budget = _PORTION
        before = len(self._places)
        while budget > 0:
            number, row = self._taken
            if number >= len(self.comparison.sections):
                break
            section = self.comparison.sections[number]
            complete = number < len(self.comparison.sections) - 1 or self.comparison.done
            if row == 0 and not (complete or section.rows):
                break
            if row == 0 and not self._begun(number):
                self._begin(number, section)
            if section.title not in self._folded:
                for found in islice(section.rows, row, row + budget):
                    self._add(number, row, found)
                    row += 1
                    budget -= _DIFFERS if found.mark.differs else 1
                    if budget <= 0:
                        break
                budget -= 1
                self._taken = number, row
            else:
                self._taken = number, len(section.rows)
            if self._taken[1] < len(section.rows):
                continue
            if not complete:
                break
            self._end(number, section)
            self._taken = number + 1, 0
        return len(self._places) != before

    def _begun(self, number: int) -> bool:
        return len(self._headings) > number

    def _begin(self, number: int, section: Section) -> None:
        if self._places:
            self._places.append(Place(number, _BLANK, 0))
        self._headings.append(len(self._places))
        self._places.append(Place(number, _HEADING, 0))
        events = any(isinstance(row, EventRow) for row in section.rows[:1])
        if events and section.title not in self._folded:
            self._places.append(Place(number, _HEAD, 0))

    def _end(self, number: int, section: Section) -> None:
        if section.title not in self._folded:
            self._places += [Place(number, _NOTES - at, 0) for at in range(len(section.notes))]

    def _add(self, number: int, at: int, row: AnyRow) -> None:
        if row.mark.differs:
            self._differing.append(len(self._places))
        elif self.only and not _worth_a_look(row):
            return
        self._places += [Place(number, at, part) for part in range(self._height(row, number))]

    def _height(self, row: AnyRow, number: int) -> int:
        if isinstance(row, EventRow):
            return 2 if row.mark is Mark.CHANGED else 1
        if not row.mark.differs:
            return 1
        columns = plan_for(self._plan(number), row.left, row.right)
        left, right = self._pieces(row.left, row.right, self._room(columns))
        return max(len(left), len(right), 1) if columns.beside else len(left) + len(right)

    @staticmethod
    def _room(columns: Plan) -> int:
        return columns.value if columns.beside else columns.value - 2

    def _plan(self, number: int) -> Plan:
        section = self.comparison.sections[number]
        found = [row for row in section.rows[:_LOOKED_AT] if isinstance(row, Row)]
        numbered = max((len(row.label) for row in found), default=0)
        label = numbered if section.how == LINES else label_width(self._width)
        delta = max((len(row.delta) for row in found), default=0)
        return plan(self._width, label, delta)

    # What is seen

    def cells(self, index: int, width: int, look: Look) -> Cells:
        place = self._places[index]
        section = self.comparison.sections[place.section]
        if place.row == _BLANK:
            return []
        if place.row == _HEADING:
            return self._heading(section, width, look)
        if place.row == _HEAD:
            return drawing.event_head(width, look)
        if place.row <= _NOTES:
            return [Segment(fit(f"   {self._note(place)}", width, look), look.notice)]
        row = section.rows[place.row]
        if isinstance(row, EventRow):
            return drawing.event_cells(row, place.at, width, look)
        columns = self._plan(place.section)
        if not row.mark.differs:
            return drawing.same_cells(row, columns, width, look)
        columns = plan_for(columns, row.left, row.right)
        both: tuple[list[Piece], list[Piece]] = self._pieces(
            row.left, row.right, self._room(columns)
        )
        draw = drawing.beside_cells if columns.beside else drawing.stacked_cells
        return draw(row, both, place.at, columns, look)

    def _heading(self, section: Section, width: int, look: Look) -> Cells:
        folded = section.title in self._folded
        glyph = look.glyphs.folded if folded else look.glyphs.opened
        count = section.differences
        same = "the same" if section.rows else ""
        words = counted(count, "difference") if count else same
        words = f"{words}  {section.how}".strip()
        style = look.warn if count else look.dim
        title = f" {glyph} {section.title}  "
        room = max(0, width - len(title))
        return [Segment(title, look.accent), Segment(fit(words, room, look), style)]

    def _note(self, place: Place) -> str:
        return self.comparison.sections[place.section].notes[_NOTES - place.row]

    def text(self, index: int) -> str:
        place = self._places[index]
        section = self.comparison.sections[place.section]
        if place.row == _HEADING:
            rows = section.rows[:_MOST_COPIED]
            shown = [row for row in rows if row.mark.differs or not self.only]
            return "\n".join([section.title, *map(row_text, shown), *section.notes])
        return self.searched(index)

    def searched(self, index: int) -> str:
        place = self._places[index]
        section = self.comparison.sections[place.section]
        if place.row == _HEADING:
            return section.title
        if place.row in (_HEAD, _BLANK):
            return ""
        return self._note(place) if place.row <= _NOTES else row_text(section.rows[place.row])

    # Where one can go

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        place = self._places[index]
        title = self.comparison.sections[place.section].title
        folded = title in self._folded
        if place.row != _HEADING or (opened is not folded and opened is not None):
            return False
        self._folded ^= {title}
        self._restart()
        while len(self._places) <= index and self.work():
            pass
        return True

    def parent(self, index: int) -> int:
        return self._headings[max(0, bisect_right(self._headings, index) - 1)]

    def difference(self, index: int, step: int) -> int | None:
        """The line of the next difference from a line on, or the one before; None where there is
        none."""
        at = (
            bisect_right(self._differing, index)
            if step > 0
            else bisect_left(self._differing, index) - 1
        )
        return self._differing[at] if 0 <= at < len(self._differing) else None

    def place(self, index: int) -> Place:
        """What a line shows."""
        return self._places[index]

    def reaches(self, place: Place | None) -> bool:
        """Whether there are lines up to a place."""
        return place is None or bool(self._places and _order(self._places[-1]) >= _order(place))

    def nearest(self, place: Place | None) -> int:
        """The line that shows a place, or the next one."""
        if place is None:
            return 0
        found = bisect_left(self._places, _order(place), key=_order)
        return min(found, max(0, len(self._places) - 1))

    def row(self, index: int) -> AnyRow | None:
        """The row that a line shows; None for a line that shows none."""
        place = self._places[index]
        return None if place.row < 0 else self.comparison.sections[place.section].rows[place.row]

    def subject(self, index: int) -> str:
        """Title of the section of a line."""
        return self.comparison.sections[self._places[index].section].title


_Order = tuple[int, int, int, int]


def _order(place: Place) -> _Order:
    """Where a place stands among others: blank line, heading, rows, notes."""
    if place.row <= _NOTES:
        return place.section, 1, _NOTES - place.row, 0
    before = {_BLANK: -3, _HEADING: -2, _HEAD: -1}
    return place.section, 0, before.get(place.row, place.row), place.at


def _worth_a_look(row: AnyRow) -> bool:
    """Whether a row is seen among the differences though it is none."""
    return row.mark is Mark.NOTE or (isinstance(row, EventRow) and drawing.notable(row))


def row_text(row: AnyRow) -> str:
    """A row as a copy of it reads."""
    sign = {Mark.CHANGED: "±", Mark.REMOVED: "-", Mark.ADDED: "+"}.get(row.mark, " ")
    if isinstance(row, EventRow):
        event = row.left or row.right
        name = type_text(event) if event is not None else ""
        sides = [
            f"{format_offset(at)} {''.join(text for text, _ in summarise(each))}".strip()
            for each, at in ((row.left, row.left_at), (row.right, row.right_at))
            if each is not None
        ]
        return f"{sign} {name}  {' | '.join(sides)}"
    if row.mark is Mark.SAME or row.left is None or row.right is None:
        return f"{sign} {row.label}: {row.left if row.left is not None else row.right}"
    return f"{sign} {row.label}: {row.left} | {row.right}"
