"""Signs that stand on the panes, and what they mean."""

from collections.abc import Iterator
from typing import Final

from asgitrace.tui.help_section import HelpLine
from asgitrace.views.columns.cells import SLOW_NS
from asgitrace.views.gaps import gap_mark
from asgitrace.views.look import Look
from asgitrace.views.units import format_duration
from asgitrace.views.waterfall import PARTS

_PART_HELP: Final = {
    "app": "the app's own code, and what it awaited",
    "client": "the app waited in receive()",
    "backpressure": "the app waited in send()",
    "after": "after the end of the response",
}
_SCALE: Final = (
    "the whole duration, on a logarithmic scale from 100 µs to 10 s: tenfold is a fifth longer"
)


def status_lines(look: Look) -> Iterator[HelpLine]:
    """What the glyphs beside a status mean."""
    glyphs = look.glyphs
    yield HelpLine(glyphs.pending, look.accent, "still open")
    yield HelpLine(glyphs.raised, look.bad, "the app raised")
    yield HelpLine(glyphs.left, look.dim, f"the client left; {glyphs.raised} in the list")
    yield HelpLine(glyphs.cancelled, look.warn, "the app was cancelled")
    yield HelpLine(glyphs.lost, look.bad, "its process ended first")
    yield HelpLine(glyphs.refused, look.bad, "refused by the server; app not called")
    yield HelpLine(glyphs.alert, look.warn, "error status, bad close code, no response")
    yield HelpLine(
        " ".join(glyphs.slow.strip()), look.warn, f"slow: took {_slow_limits()}, or more"
    )
    yield HelpLine(glyphs.paused, look.warn, "held up by a debugger, so not slow by itself")


def _slow_limits() -> str:
    return ", ".join(format_duration(limit) for limit in SLOW_NS)


def ladder_lines(look: Look) -> Iterator[HelpLine]:
    """What the glyphs of the ladder mean."""
    glyphs = look.glyphs
    yield HelpLine(glyphs.knot, look.text, "one step on both sides of the server")
    yield HelpLine(glyphs.edge, look.bad, "the server: error, refusal, time-out")
    yield HelpLine(_held(look), look.warn, "waits in the server: from, on, until")
    yield HelpLine("since", look.dim, "after the line above, from 1 ms on")
    yield HelpLine(_gaps(look), look.dim, "the same, drawn: the fuller, the longer")
    yield HelpLine("more last", look.dim, "parts: more of them follow, or none")
    yield HelpLine(glyphs.differs, look.dim, "differs, as it may: header added")
    yield HelpLine(glyphs.alert, look.warn, "lost, late or never sent: look at it")


def _held(look: Look) -> str:
    glyphs = look.glyphs
    return " ".join(dict.fromkeys((glyphs.holds, glyphs.held, glyphs.lets_go)))


def _gaps(look: Look) -> str:
    """The marks of ever longer gaps."""
    marks = (gap_mark(10**exponent, look) for exponent in (7, 8, 9, 11))
    return " ".join(dict.fromkeys(marks))


def time_lines(look: Look) -> Iterator[HelpLine]:
    """What the parts of the waterfall mean."""
    for name in PARTS:
        glyph = getattr(look.glyphs, name) if look.shades else look.glyphs.bar
        yield HelpLine(f"{glyph * 2} {name}", getattr(look, name), _PART_HELP[name])
    yield HelpLine("length", look.text, _SCALE)
