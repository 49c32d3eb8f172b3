"""The options of the configuration file: what each is for and what it may be."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Option:
    """One name at the top of the file. Its default is that of the field in `Settings`."""

    name: str
    wants: str
    """What it must be, to follow "must be"."""
    help: tuple[str, ...]
    """Sentences, one a line."""
    example: object = None
    """What is shown where the default is that there is none."""


OPTIONS: Final = (
    Option(
        "theme",
        'one of "dark", "light", "contrast", "ansi"',
        (
            "The colours: dark, light, contrast (high contrast) or ansi (the terminal's own 16).",
            "Without it: the ones used last.",
        ),
        "dark",
    ),
    Option(
        "ascii",
        "true or false",
        ("Draw with ASCII characters only; ASGITRACE_ASCII=1 does the same.",),
    ),
    Option(
        "layout",
        'one of "auto", "below", "beside", "alone"',
        (
            "The detail: below the list, beside it, alone (instead of it), or auto, by the shape",
            "of the screen. Without it: as it was last.",
        ),
        "auto",
    ),
    Option(
        "columns",
        "a list of names of columns",
        (
            'The list\'s columns in their order; "path:60" is 60 cells wide.',
            "Empty: those chosen last, or as many as there is room for.",
        ),
    ),
    Option(
        "sort",
        'the name of a column, perhaps with "-" before it',
        (
            'The column that the list is sorted by; "-" before it: the largest first; "": by',
            "arrival. Without it: as it was last.",
        ),
        "-duration",
    ),
    Option(
        "waterfall",
        'one of "duration", "axis"',
        (
            "Bars as long as the duration, or at their place on a time axis.",
            "Without it: as it was last.",
        ),
        "duration",
    ),
    Option("follow", "true or false", ("Whether the list follows the newest exchange at first.",)),
    Option(
        "remember",
        "true or false",
        ("Keep theme, layout, columns and history of filters from run to run.",),
    ),
)
KEYS_HELP: Final = (
    "Keys by name of command, with commas between them, in place of the usual ones:",
    "a character, or a name like space, enter, esc, f5, pgdn, comma; ctrl+up, alt+x.",
    'A key that is given to one command is taken from the one that usually has it; "" takes all.',
)
FILTERS_HELP: Final = ("Filters by name, as in the list's filter bar.",)
TABLES: Final = {"keys": "a text with the keys of a command", "filters": "the text of a filter"}
"""The tables of the file, and what each of their entries must be."""
