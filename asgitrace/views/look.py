"""How things are drawn: colours and glyphs, in one place for every view."""

from dataclasses import dataclass
from functools import cache
from typing import Final

from rich.style import Style


def _ink(colour: str, *, bold: bool = False) -> Style:
    return Style(color=colour, bold=bold or None)


@dataclass(frozen=True, slots=True)
class Colours:
    """Hexadecimal colours; the theme of the screens is made of the same."""

    dark: bool
    ground: str
    """Behind everything."""
    raised: str
    """Bars and panels."""
    cursor: str
    """Behind the selected line."""
    text: str
    dim: str
    faint: str
    accent: str
    good: str
    notice: str
    warn: str
    bad: str
    app: str
    client: str
    backpressure: str
    after: str


DARK: Final = Colours(
    dark=True,
    ground="#15181d",
    raised="#1c2027",
    cursor="#2b3441",
    text="#c9d1d9",
    dim="#8690a0",
    faint="#515a68",
    accent="#7fb0d8",
    good="#86b58a",
    notice="#6cb3b0",
    warn="#d8a657",
    bad="#e07a78",
    app="#5f93c4",
    client="#4b5563",
    backpressure="#cf9a4a",
    after="#8f79b8",
)

LIGHT: Final = Colours(
    dark=False,
    ground="#fafaf8",
    raised="#efefec",
    cursor="#d7e2ee",
    text="#24292f",
    dim="#5c6570",
    faint="#9aa2ac",
    accent="#1f629e",
    good="#2f7a3a",
    notice="#17736f",
    warn="#935f00",
    bad="#b3261e",
    app="#3f7db8",
    client="#bcc3cb",
    backpressure="#cf8a1f",
    after="#8a6cc0",
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that carry a meaning."""

    pending: str = "◌"
    raised: str = "✗"
    cancelled: str = "⊘"
    left: str = "⇤"
    lost: str = "‡"
    refused: str = "⊗"
    alert: str = "!"
    differs: str = "±"
    none: str = "—"
    cut: str = "…"
    cursor: str = "▎"
    rule: str = "─"
    process: str = "●"
    down: str = "▼"
    paused: str = "‖"
    app: str = "█"
    client: str = "░"
    backpressure: str = "▓"
    after: str = "▒"
    bar: str = "━"
    half_bar: str = "╸"
    eighths: str = " ▏▎▍▌▋▊▉█"
    """The left part of a cell filled, from none to all of it."""
    to_peer: str = "◀"
    to_app: str = "▶"
    lifeline: str = "│"
    begins: str = "┬"
    ends: str = "┴"
    dotted: str = "┄"
    knot: str = "●"
    """On the server's lifeline: one step on both sides of it."""
    holds: str = "╽"
    held: str = "┃"
    lets_go: str = "╿"
    """On the server's lifeline: something begins to wait there, waits, waits no more."""


UNICODE: Final = Glyphs()
ASCII: Final = Glyphs(
    pending="o",
    raised="x",
    cancelled="/",
    left="<",
    lost="?",
    refused="%",
    differs="*",
    none="-",
    cut="~",
    cursor=">",
    rule="-",
    process="*",
    down="v",
    paused="=",
    app="#",
    client=".",
    backpressure="!",
    after="=",
    bar="-",
    half_bar="-",
    eighths=" ...--==#",
    to_peer="<",
    to_app=">",
    lifeline="|",
    begins="+",
    ends="+",
    dotted=".",
    knot="o",
    holds=":",
    held=":",
    lets_go=":",
)


@dataclass(frozen=True, slots=True)
class Look:
    """Styles ready for use, and the glyphs that go with them."""

    colours: Colours
    glyphs: Glyphs
    shades: bool
    """The kinds of time are told apart by glyph, because colours are not to be relied on."""
    ground: Style
    raised: Style
    cursor: Style
    """The cursor's line in the list that has the focus."""
    cursor_away: Style
    """The same in the other lists."""
    text: Style
    strong: Style
    dim: Style
    faint: Style
    accent: Style
    good: Style
    notice: Style
    warn: Style
    bad: Style
    app: Style
    client: Style
    backpressure: Style
    after: Style


@cache
def look(*, dark: bool = True, colour: bool = True, plain: bool = False) -> Look:
    """The look for a dark or light screen; without ``colour``, or in ``plain`` ASCII."""
    colours = DARK if dark else LIGHT
    return Look(
        colours=colours,
        glyphs=ASCII if plain else UNICODE,
        shades=plain or not colour,
        ground=Style(color=colours.text, bgcolor=colours.ground),
        raised=Style(color=colours.text, bgcolor=colours.raised),
        cursor=Style(bgcolor=colours.cursor),
        cursor_away=Style(bgcolor=colours.raised),
        text=_ink(colours.text),
        strong=_ink(colours.text, bold=True),
        dim=_ink(colours.dim),
        faint=_ink(colours.faint),
        accent=_ink(colours.accent),
        good=_ink(colours.good),
        notice=_ink(colours.notice),
        warn=_ink(colours.warn),
        bad=_ink(colours.bad),
        app=_ink(colours.app),
        client=_ink(colours.client),
        backpressure=_ink(colours.backpressure),
        after=_ink(colours.after),
    )
