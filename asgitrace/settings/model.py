"""The settings (TOML, the user's own file) and the state (JSON, ours)."""

from typing import Literal

from msgspec import Struct, field

Theme = Literal["dark", "light", "contrast", "ansi"]
Layout = Literal["auto", "below", "beside", "alone"]
Waterfall = Literal["duration", "axis"]


class ColumnState(Struct, frozen=True):
    """One column of the list as the user wants it."""

    name: str
    width: int = 0
    """Cells; 0 for its usual width."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the configuration file may say; the defaults are what it says when it is not there."""

    theme: Theme | None = None
    """None: the theme used last, dark at first."""
    ascii: bool = False
    """Draw with ASCII characters only; ``ASGITRACE_ASCII=1`` does the same."""
    layout: Layout | None = None
    """Where the detail is: below the list, beside it, instead of it, or by the shape of the screen;
    None: as last."""
    columns: tuple[str, ...] = ()
    """Names of the list's columns in their order, ``name:width`` for another width; empty: as
    last, or by the width of the screen."""
    sort: str | None = None
    """Name of the column that the list is sorted by, with ``-`` before it for descending; empty
    for the order of arrival."""
    waterfall: Waterfall | None = None
    follow: bool = True
    """Whether the list follows the newest exchange at first."""
    remember: bool = True
    """Keep the state from run to run."""
    keys: dict[str, str] = field(default_factory=dict)
    """Names of commands and the keys for them, separated by commas, in place of the usual ones."""
    filters: dict[str, str] = field(default_factory=dict)
    """Filters by name."""


class State(Struct):
    """What is kept from run to run. The screen's parts read it when they are made, and write it as
    the user changes things."""

    theme: str = "dark"
    layout: str = "auto"
    share_below: int = 40
    """Per cent of the height that the list has above the detail."""
    share_beside: int = 50
    """Per cent of the width that the list has beside the detail."""
    columns: list[ColumnState] = field(default_factory=list)
    """Empty: by the width of the screen."""
    sort: str = ""
    waterfall: str = "duration"
    history: list[str] = field(default_factory=list)
    """Filters that were used, the newest first."""
    searches: list[str] = field(default_factory=list)
    """What was searched for, the newest first."""
