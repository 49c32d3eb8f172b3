"""Named filters, written into the user's own file without touching anything else in it."""

from collections.abc import Callable
from typing import Any

from asgitrace.errors import SettingsError
from asgitrace.settings.files import config_file, write_whole
from asgitrace.settings.loading import parse, read_text


def save_filter(name: str, text: str) -> None:
    """Put a filter under a name into the configuration, in place of the one that has the name.
    Raises SettingsError, and leaves the file as it is then."""

    def put(filters: dict[str, Any]) -> None:
        filters[name] = text

    _change(put)


def remove_filter(name: str) -> None:
    """Take a filter out of the configuration; there may be none. Raises SettingsError."""

    def take(filters: dict[str, Any]) -> None:
        filters.pop(name, None)

    _change(take)


def _change(change: Callable[[dict[str, Any]], None]) -> None:
    # Late: needed only here, and slow to import.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = config_file()
    text = read_text(path)
    wanted = parse(text, path)
    change(wanted.setdefault("filters", {}))
    try:
        document: Any = tomlkit.parse(text)
        if "filters" not in document:
            document["filters"] = tomlkit.table()
        change(document["filters"])
        new = tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError) as error:
        raise SettingsError(f"{path}: the filter cannot be written into it: {error}.") from None
    if parse(new, path) != wanted:
        raise SettingsError(f"{path}: the filter cannot be written into it; write it yourself.")
    try:
        write_whole(path, new.encode())
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be written: {error.strerror or error}; the filter is not saved."
        ) from None
