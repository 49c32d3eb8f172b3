"""The reference of the filter language: every field, the operators, examples to begin with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from asgitrace.filter import FIELDS
from asgitrace.filter.fields import EventField
from asgitrace.tui.boxes import is_beside
from asgitrace.tui.detail.lines import LineList
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

if TYPE_CHECKING:
    from rich.style import Style

_EXAMPLES: Final = (
    ("status=5xx or exc", "failed"),
    ("path:/api method in {POST,PUT} dur>500ms", "slow writes below /api"),
    ("dur>1s -type=ws -type=lifespan", "slow requests"),
    ('type=ws ws.dir=in ws.text~/"op":\\s*"sub/', "a client subscribed"),
    ("close.code in {1006,1011,1012} close.by!=client", "closed badly, and not by it"),
    ("wait.backpressure>100ms", "slow to be taken"),
    ("seq(ev=http.disconnect -> ev=http.response.body)", "sent to one who had left"),
    ("count(ev=http.response.body)>100 mime:event-stream", "long event streams"),
    ("is:open idle>30s", "open, and silent"),
    ("req.header.authorization -path:/health", "with a header, no checks"),
)
_OPERATORS: Final = (
    (":", "contains; upper and lower case are alike"),
    ("=  !=", "is exactly; is there and is not. Of a status also a class: 4xx"),
    (">  >=  <  <=", "more, less: numbers, 64k, 200ms, 1.5s"),
    ("~  !~", "matches a /regular expression/, or does not"),
    ("in {a, b}", "is one of several"),
    ("field", "is there: exc, pending, req.header.cookie"),
    ("word", "the path contains it"),
    ('"a b"', "a value with spaces or brackets goes in quotes"),
)
_TOGETHER: Final = (
    ("a b    a and b", "both"),
    ("a or b", "one of them; and binds closer"),
    ("-a    !a    not a", "what does not pass"),
    ("( … )", "brackets"),
    ("any( … )  all( … )  none( … )", "some event, every one, none passes all that is inside"),
    ("count( … ) > 3", "so many events pass"),
    ("seq(a -> b within 1s)", "an event that passes a, and later one that passes b"),
    ("@name", "a filter that was saved: ctrl+s saves, ctrl+o lists them"),
)
_KEYS: Final = (
    ("tab  →", "accept what is proposed; on an empty line tab shows all fields"),
    ("↑ ↓", "walk what is proposed, or else the filters used before"),
    ("enter", "keep the filter, and back to the list"),
    ("esc", "close what is proposed; then clear the filter"),
    ("\\", "on the list: put the filter off, and on again"),
    ("=  !", "on the list: only what is like the chosen cell; leave that out"),
    ("f", "in the timeline: filter its events"),
)
_GAP: Final = 2
_LEAST_WORDS: Final = 28
_LEAST: Final = 10
"""Cells below which there is no room for more."""


@dataclass(frozen=True, slots=True)
class _Line:
    left: str
    right: str = ""
    note: str = ""
    """Behind what it means: its type, its words."""
    filter_text: str = ""
    """What enter puts into the bar."""
    heading: bool = False
    indent: int = 0
    """Cells of what is at the left in its section."""


def reference_lines() -> list[_Line]:
    """All there is to be known, line by line."""
    fields = {wanted: [*_field_lines(events=wanted)] for wanted in (False, True)}
    sections = (
        ("Examples: enter puts one into the bar", [*_pairs(_EXAMPLES, filters=True)]),
        ("A term", [*_pairs(_OPERATORS)]),
        ("Together", [*_pairs(_TOGETHER)]),
        ("Keys", [*_pairs(_KEYS)]),
        ("Fields of the exchange", fields[False]),
        ("Fields of its events: some event passes", fields[True]),
    )
    found: list[_Line] = []
    for heading, lines in sections:
        indent = max(cell_len(line.left) for line in lines)
        found += [_Line(""), _Line(heading, heading=True)]
        found += (replace(line, indent=indent) for line in lines)
    return found[1:]


def _pairs(pairs: Sequence[tuple[str, str]], *, filters: bool = False) -> Iterator[_Line]:
    return (_Line(left, right, filter_text=left if filters else "") for left, right in pairs)


def _field_lines(*, events: bool) -> Iterator[_Line]:
    for field in FIELDS.values():
        if isinstance(field, EventField) is events:
            words = ", ".join(field.choices) or field.type.value
            yield _Line(field.name, field.help, words, field.example)


class ReferenceLines(Lines):
    """The reference, one line for each thing."""

    def __init__(self) -> None:
        self._lines = reference_lines()

    def __len__(self) -> int:
        return len(self._lines)

    def text(self, index: int) -> str:
        line = self._lines[index]
        return line.filter_text or f"{line.left}  {line.right}".strip()

    def filter_text(self, index: int) -> str:
        """What a line puts into the bar; empty where it is no example."""
        return self._lines[index].filter_text

    def cells(self, index: int, width: int, look: Look) -> Cells:
        line = self._lines[index]
        if line.heading:
            return [Segment(" " + fit(line.left, width - 1, look), look.strong)]
        left = min(line.indent, max(width - _LEAST_WORDS, width // 2))
        rest = max(0, width - left - 1 - _GAP)
        ink = look.accent if line.filter_text else look.text
        cells = [Segment(" " + fit(line.left, left, look), ink), Segment(" " * _GAP, look.dim)]
        for text, style in self._behind(line, rest, look):
            cells.append(Segment(fit(text, min(rest, cell_len(text)), look), style))
            rest -= cells[-1].cell_length
        return cells

    def _behind(self, line: _Line, room: int, look: Look) -> Iterator[tuple[str, "Style"]]:
        """What a line means, and of a field its values and an example, where there is room."""
        yield line.right, look.dim
        room -= cell_len(line.right)
        if line.note and room > _LEAST:
            yield f"  {line.note}", look.faint
            room -= cell_len(line.note) + 2
        if line.note and room > cell_len(line.filter_text) + 2:
            yield f"  {line.filter_text}".rjust(room), look.accent


class ReferenceScreen(ModalScreen[str | None]):
    """Scrolls; gives the example that was chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,ctrl+h", "dismiss(None)", "Close", show=False),
    ]

    DEFAULT_CSS = """
    ReferenceScreen { align: center middle; background: $background 60%; }
    ReferenceScreen #reference-box {
        width: 116; max-width: 100%; height: 100%; max-height: 52; padding: 0 1;
        border: round $text-faint; border-title-color: $foreground;
        border-subtitle-color: $text-dim; background: $background;
    }
    """

    def compose(self) -> ComposeResult:
        self._lines = ReferenceLines()
        with Vertical(id="reference-box"):
            yield LineList()

    def on_mount(self) -> None:
        box = self.query_one("#reference-box")
        box.border_title = "The filter language"
        box.border_subtitle = "enter: try it   esc: back"
        shown = self.query_one(LineList)
        shown.show_lines(self._lines)
        shown.focus()
        # Once it has its height: the heading above is to be seen too.
        self.call_after_refresh(shown.select, 1)

    def on_click(self, event: events.Click) -> None:
        if is_beside(event, self, self.query_one("#reference-box")):
            self.dismiss(None)

    @on(LineList.Chosen)
    def _chosen(self, message: LineList.Chosen) -> None:
        message.stop()
        text = self._lines.filter_text(message.sender.cursor)
        if text:
            self.dismiss(text)
