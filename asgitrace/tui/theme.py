"""The themes of the screens, made of the colours that the views draw with."""

from dataclasses import fields, replace
from typing import Any, Final

from textual.theme import Theme

from asgitrace.views.colours import DARK, LIGHT, PALETTES, Colours


def theme_name(palette: str) -> str:
    """The name that the theme of a palette has in Textual."""
    return f"asgitrace-{palette}"


def colours_of(theme: str) -> Colours:
    """The colours of a theme; those of the dark one for a theme that is not ours."""
    return PALETTES.get(theme.removeprefix("asgitrace-"), DARK)


def _theme(colours: Colours) -> Theme:
    used = _terminal(colours) if colours.ansi else colours
    return Theme(
        name=theme_name(colours.name),
        ansi=used.ansi,
        dark=used.dark,
        primary=used.accent,
        secondary=used.notice,
        accent=used.accent,
        foreground=used.text,
        background=used.ground,
        surface=used.ground,
        panel=used.raised,
        success=used.good,
        warning=used.warn,
        error=used.bad,
        variables=_variables(used),
    )


def _terminal(colours: Colours) -> Colours:
    """The terminal's colours by the names that Textual has for them; what is selected and the
    scrollbars need a colour where there is no other way to draw them."""
    names: dict[str, Any] = {
        field.name: f"ansi_{getattr(colours, field.name)}"
        for field in fields(Colours)
        if field.name not in ("name", "dark", "ansi")
    }
    return replace(colours, **{**names, "cursor": "ansi_blue", "faint": "ansi_blue"})


def _variables(colours: Colours) -> dict[str, str]:
    cursor_text = "ansi_bright_white" if colours.ansi else colours.text
    return {
        "ansi-background": colours.ground,
        "ansi-foreground": colours.text,
        "cursor-line": colours.cursor,
        "cursor-text": cursor_text,
        "text-dim": colours.dim,
        "text-faint": colours.faint,
        "time-app": colours.app,
        "time-client": colours.client,
        "time-backpressure": colours.backpressure,
        "time-after": colours.after,
        "border": colours.faint,
        "border-blurred": colours.faint,
        "block-cursor-background": colours.cursor,
        "block-cursor-foreground": cursor_text,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": colours.raised,
        "footer-background": colours.raised,
        "input-cursor-background": colours.ground if colours.ansi else colours.text,
        "input-cursor-foreground": colours.ground,
        "input-cursor-text-style": "reverse" if colours.ansi else "none",
        "input-selection-background": colours.cursor,
        "input-selection-foreground": cursor_text,
        "scrollbar": colours.faint,
        "scrollbar-hover": colours.accent if colours.ansi else colours.dim,
        "scrollbar-active": colours.accent,
        "scrollbar-background": colours.raised,
        "scrollbar-background-hover": colours.raised,
        "scrollbar-background-active": colours.raised,
        "scrollbar-corner-color": colours.raised,
    }


THEMES: Final = tuple(_theme(colours) for colours in PALETTES.values())
NAMES: Final = tuple(PALETTES)
DARK_NAME: Final = theme_name(DARK.name)
LIGHT_NAME: Final = theme_name(LIGHT.name)
