"""The user's settings, checked against what they are about."""

from difflib import get_close_matches

from asgitrace.errors import FilterError
from asgitrace.settings import Mistake, Settings, load


def load_settings() -> Settings:
    """The settings; raises SettingsError for those that a screen cannot begin with."""
    return load(check_keys)


def load_checked() -> Settings:
    """The settings; raises SettingsError also for what would only matter once it is used."""
    return load(check_keys, check_columns, check_filters)


def check_keys(settings: Settings) -> None:
    """Raises `Mistake` for a command or a key that there is not, or that cannot be meant."""
    if settings.keys:
        # Late: the app is started before the screen's packages are imported.
        from asgitrace.tui.keymap import Keymap

        Keymap(settings.keys)


def check_columns(settings: Settings) -> None:
    """Raises `Mistake` for a column that there is not."""
    from asgitrace.views.columns.layout import read_columns
    from asgitrace.views.columns.registry import COLUMNS

    named = [("columns", entry.partition(":")[0]) for entry in settings.columns]
    if settings.sort:
        named.append(("sort", settings.sort.removeprefix("-")))
    for option, name in named:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, 1, 0.5) or [next(iter(COLUMNS))]
            raise Mistake((option,), f"there is no column {name!r}; did you mean {near[0]!r}?")
    for entry in settings.columns:
        if read_columns([entry])[1]:
            raise Mistake(("columns",), f"{entry!r} is no column with its width, as 'path:60'")


def check_filters(settings: Settings) -> None:
    """Raises `Mistake` for a filter that cannot be read."""
    # Late: a screen begins without the language.
    from asgitrace.filter import compile_filter

    for name, text in settings.filters.items():
        if not text.strip():
            raise Mistake(("filters", name), f"the filter {name!r} is empty; take it out")
        try:
            compile_filter(text)
        except FilterError as error:
            sentence = str(error).rstrip(".")
            raise Mistake(("filters", name), f"the filter {name!r}: {sentence}") from None
