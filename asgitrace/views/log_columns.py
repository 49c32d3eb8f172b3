"""The columns of a line of the log."""

import logging
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.store.model import LogLine
from asgitrace.views.lines import Cells
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.sgr import segments
from asgitrace.views.units import format_clock

LEVELS: Final = (
    ("all", 0),
    ("info", logging.INFO),
    ("warning", logging.WARNING),
    ("error", logging.ERROR),
)
"""The least levels that can be chosen."""

_CLOCK: Final = 60
_NAMED: Final = 100
"""From these widths on there is room for the time, and for loggers."""

_LOGGER: Final = 18
_EXCHANGE: Final = 6
_MARK: Final = 2
_LEVEL: Final = 6
_REDRAWN: Final = "\r"


def level_of(line: LogLine) -> int:
    """How grave a line is; what is no log record counts as information, or as a warning where it
    went to stderr."""
    return line.level or (logging.WARNING if line.stream == "stderr" else logging.INFO)


def head_line(width: int, look: Look) -> Cells:
    """The titles of the columns."""
    lead = f" {'time':<13}" if width >= _CLOCK else " "
    logger = f"{'logger':<{_LOGGER + 1}}" if width >= _NAMED else ""
    titles = f"{lead}{'level':<{_MARK + _LEVEL}}{'#':>{_EXCHANGE}} {logger}text"
    return [Segment(fit(titles, width, look), look.dim)]


def columns(line: LogLine, width: int, look: Look, current: int | None, *, follows: bool) -> Cells:
    """What stands before the text of a line: blanks where it ``follows`` what it was written with;
    ``current`` is the exchange that is looked at."""
    clock = width >= _CLOCK
    named = width >= _NAMED
    if follows:
        blank = (14 if clock else 1) + _MARK + _LEVEL + _EXCHANGE + 1
        return [Segment(" " * (blank + (_LOGGER + 1) * named), look.faint)]
    mark, word, style = _level(line, look)
    number = f"#{line.exchange}" if line.exchange else ""
    own = look.accent if line.exchange == current else look.dim
    found = [
        Segment(f" {format_clock(line.time_ns)} " if clock else " ", look.faint),
        Segment(f"{mark:<{_MARK}}{word:<{_LEVEL}}", style),
        Segment(f"{number[:_EXCHANGE]:>{_EXCHANGE}} ", own),
    ]
    if named:
        found.append(Segment(fit(line.logger, _LOGGER, look) + " ", look.dim))
    return found


def _level(line: LogLine, look: Look) -> tuple[str, str, Style]:
    """Glyph, word and style of a line's level."""
    glyphs, level = look.glyphs, line.level
    if not level:
        wrong = line.stream == "stderr"
        return "", "err" if wrong else "out", look.warn if wrong else look.faint
    if level >= logging.CRITICAL:
        return glyphs.raised, "CRIT", look.bad + Style(bold=True)
    if level >= logging.ERROR:
        return glyphs.raised, "ERROR", look.bad
    if level >= logging.WARNING:
        return glyphs.alert, "WARN", look.warn
    if level >= logging.INFO:
        return "", "INFO", look.good
    return glyphs.dot, "DEBUG", look.faint


def text_cells(text: str, room: int, look: Look, base: Style) -> Cells:
    """The text of a line; what was written over with a carriage return only by its mark."""
    if _REDRAWN in text:
        before, _, after = text.rstrip(_REDRAWN).rpartition(_REDRAWN)
        if before:
            mark = look.glyphs.cut
            return [Segment(mark, look.faint), *segments(after, room - 1, look, base)]
        text = after
    return segments(text, room, look, base)


def facts(line: LogLine) -> str:
    """What is known of a line, in words."""
    parts = [format_clock(line.time_ns), line.stream]
    if line.level:
        parts.append(logging.getLevelName(line.level).lower())
    if line.logger:
        parts.append(line.logger)
    if line.exchange:
        parts.append(f"#{line.exchange}")
    return " \N{MIDDLE DOT} ".join(parts)
