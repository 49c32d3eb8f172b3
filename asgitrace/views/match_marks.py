"""Matches made to be seen in a line that is drawn: underlined, so that no colour is needed."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.views.lines import Lines
from asgitrace.views.look import Look
from asgitrace.views.needle import WINDOW, Needle, NeedleError, Span

_QUIET: Final = Style(underline=True)
_STRONG: Final = Style(underline=True, reverse=True)


def marks_of(
    lines: Lines, index: int, cells: Iterable[Segment], needle: Needle
) -> tuple[list[Span], bool]:
    """Where matches are in a line as it is drawn, in characters; and whether there is one that is
    not to be seen."""
    try:
        spans = lines.marks(index, needle)
        if spans is not None:
            return spans, False
        spans = needle.spans("".join(text for text, _, _ in cells))
        unseen = not spans and needle.found_in(lines.searched(index)[:WINDOW])
    except NeedleError:
        return [], False
    return spans, unseen


def spans_in(text: str, needle: Needle) -> list[Span]:
    """Where matches are in a text; none where that takes too long."""
    try:
        return needle.spans(text)
    except NeedleError:
        return []


def marked(
    cells: Sequence[Segment], spans: Sequence[Span], look: Look, *, current: bool
) -> list[Segment]:
    """The cells with these parts of them underlined; stronger in the line with the cursor."""
    style = look.accent + (_STRONG if current else _QUIET)
    drawn: list[Segment] = []
    at = 0
    places = iter(spans)
    span = next(places, None)
    for text, ink, control in cells:
        start = 0
        while span is not None and span[0] < at + len(text):
            low, high = max(span[0] - at, start), min(span[1] - at, len(text))
            drawn.append(Segment(text[start:low], ink, control))
            drawn.append(Segment(text[low:high], (ink or Style.null()) + style, control))
            start = high
            if span[1] > at + len(text):
                break
            span = next(places, None)
        drawn.append(Segment(text[start:], ink, control))
        at += len(text)
    return [segment for segment in drawn if segment.text]


def with_glyph(cells: Sequence[Segment], glyph: str, style: Style) -> list[Segment]:
    """The cells with a glyph in the first of them, if that is blank."""
    for at, (text, ink, control) in enumerate(cells):
        if text:
            if text[0] == " ":
                rest = Segment(text[1:], ink, control)
                return [*cells[:at], Segment(glyph, (ink or style) + style), rest, *cells[at + 1 :]]
            break
    return list(cells)
