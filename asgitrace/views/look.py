"""How things are drawn: colours and glyphs, in one place for every view."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from rich.style import Style

from asgitrace.views.colours import DARK, LIGHT, Colours


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
    match: str = "•"
    """The filter of the list is about this event."""
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
    late_half_bar: str = "╺"
    before: str = "◂"
    beyond: str = "▸"
    """On the time axis: there is more outside of the window."""
    marked: str = "★"
    noted: str = "◇"
    """It has tags or a comment."""
    up: str = "▲"
    slow: str = " ▁▄█"
    """Not slow, and three degrees of it."""
    eighths: str = " ▏▎▍▌▋▊▉█"
    """The left part of a cell filled, from none to all of it."""
    levels: str = " ▁▂▃▄▅▆▇█"
    """The lower part likewise."""
    corner: str = "└"
    tick: str = "┤"
    """Of a chart's axes."""
    dot: str = "·"
    into: str = "→"
    out: str = "←"
    """What the app received, and what it sent."""
    edge: str = "◆"
    """The server's own, or an end of the exchange."""
    opened: str = "▾"
    folded: str = "▸"
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
    match="+",
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
    late_half_bar="-",
    before="<",
    beyond=">",
    marked="*",
    noted="+",
    up="^",
    slow=" .+#",
    eighths=" ...--==#",
    levels=" __--==##",
    corner="+",
    tick="+",
    dot=".",
    into=">",
    out="<",
    edge="*",
    opened="v",
    folded=">",
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

    def on(self, under: Style) -> "Look":
        """The same with its styles laid on another."""
        return replace(self, **{name: under + getattr(self, name) for name in _INKS})


_INKS: Final = (
    "text", "strong", "dim", "faint", "accent", "good", "notice", "warn", "bad", "app", "client",
    "backpressure", "after",
)  # fmt: skip
"""The styles that say nothing of what is under them."""


@cache
def look(
    *,
    dark: bool = True,
    colour: bool = True,
    plain: bool = False,
    colours: Colours | None = None,
) -> Look:
    """The look with these colours, or the usual ones for a dark or light screen; without
    ``colour``, or in ``plain`` ASCII."""
    colours = colours or (DARK if dark else LIGHT)
    text = Style(color=colours.text)
    return Look(
        colours=colours,
        glyphs=ASCII if plain else UNICODE,
        shades=plain or not colour,
        ground=Style(color=colours.text, bgcolor=colours.ground),
        raised=Style(color=colours.text, bgcolor=colours.raised),
        cursor=Style(reverse=True) if colours.ansi else Style(bgcolor=colours.cursor),
        cursor_away=Style(bold=True) if colours.ansi else Style(bgcolor=colours.raised),
        text=text,
        strong=text + Style(bold=True),
        dim=_quiet(colours.dim, colours),
        faint=_quiet(colours.faint, colours),
        accent=Style(color=colours.accent),
        good=Style(color=colours.good),
        notice=Style(color=colours.notice),
        warn=Style(color=colours.warn),
        bad=Style(color=colours.bad),
        app=Style(color=colours.app),
        client=_quiet(colours.client, colours),
        backpressure=Style(color=colours.backpressure),
        after=Style(color=colours.after),
    )


def _quiet(colour: str, colours: Colours) -> Style:
    """Less than text: by its colour, or where colours are the terminal's as its faint text."""
    return Style(color=colour, dim=colours.ansi or None)
