"""The themes of the screens, made of the colours that the views draw with."""

from typing import Final

from textual.theme import Theme

from asgitrace.views.look import DARK, LIGHT, Colours

DARK_NAME: Final = "asgitrace-dark"
LIGHT_NAME: Final = "asgitrace-light"


def _theme(name: str, colours: Colours) -> Theme:
    return Theme(
        name=name,
        dark=colours.dark,
        primary=colours.accent,
        secondary=colours.notice,
        accent=colours.accent,
        foreground=colours.text,
        background=colours.ground,
        surface=colours.ground,
        panel=colours.raised,
        success=colours.good,
        warning=colours.warn,
        error=colours.bad,
        variables={
            "cursor-line": colours.cursor,
            "text-dim": colours.dim,
            "text-faint": colours.faint,
            "time-app": colours.app,
            "time-client": colours.client,
            "time-backpressure": colours.backpressure,
            "time-after": colours.after,
            "border": colours.faint,
            "border-blurred": colours.faint,
            "block-cursor-background": colours.cursor,
            "block-cursor-foreground": colours.text,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-background": colours.raised,
            "footer-background": colours.raised,
            "input-cursor-background": colours.text,
            "input-cursor-foreground": colours.ground,
            "input-selection-background": colours.cursor,
            "scrollbar": colours.faint,
            "scrollbar-hover": colours.dim,
            "scrollbar-active": colours.accent,
            "scrollbar-background": colours.raised,
            "scrollbar-background-hover": colours.raised,
            "scrollbar-background-active": colours.raised,
            "scrollbar-corner-color": colours.raised,
        },
    )


THEMES: Final = (_theme(DARK_NAME, DARK), _theme(LIGHT_NAME, LIGHT))
