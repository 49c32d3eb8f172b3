"""Reading the configuration. What is wrong in it is said in one sentence, with its line."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from msgspec import ValidationError, convert

from asgitrace.errors import SettingsError
from asgitrace.settings.files import config_file
from asgitrace.settings.mistake import Mistake
from asgitrace.settings.model import Settings
from asgitrace.settings.options import OPTIONS, TABLES

Check = Callable[[Settings], None]
"""Looks at what only a higher layer knows of, as names of commands; raises `Mistake`."""

_LARGEST: Final = 1 << 20
_HEADER: Final = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_UNKNOWN: Final = re.compile(r"unknown field `(.*)`")
_PLACE: Final = re.compile(r"at `\$\.(\w+)")


def load(*checks: Check) -> Settings:
    """The user's settings; the defaults where there is no file. Raises SettingsError."""
    path = config_file()
    text = read_text(path)
    return read(text, path, *checks) if text else Settings()


def read_text(path: Path) -> str:
    """The file's text; empty where there is no file. Raises SettingsError."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise SettingsError(f"{path} is too large for a configuration; move it away.")
        return content.decode()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror or error}; change that, or name another"
            " file in ASGITRACE_CONFIG."
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: this is not UTF-8 text.") from None


def read(text: str, path: Path, *checks: Check) -> Settings:
    """The settings that a file's text says. Raises SettingsError."""
    try:
        settings = _settings(parse(text, path))
        for check in checks:
            check(settings)
    except Mistake as mistake:
        end = "" if str(mistake).endswith("?") else "."
        raise SettingsError(f"{path}{_at(text, mistake.path)}: {mistake}{end}") from None
    return settings


def parse(text: str, path: Path) -> dict[str, Any]:
    """What the text is as TOML. Raises SettingsError."""
    # Late: most have no configuration.
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        words, _, place = str(error).rpartition(" (at ")
        line = place.split(",")[0]
        if not line.startswith("line "):  # at the end of the document
            line = f"line {text.count(chr(10)) + 1}"
        what = words[:1].lower() + words[1:]
        raise SettingsError(f"{path}, {line}: {what}; this is not TOML.") from None
    except RecursionError:
        raise SettingsError(
            f"{path}: too much is nested in it; this is no configuration."
        ) from None


def _settings(document: Mapping[str, Any]) -> Settings:
    for table, wants in TABLES.items():
        entries = document.get(table, {})
        if not isinstance(entries, dict):
            raise Mistake((table,), f"{table} must be a table: write [{table}]")
        for name, entry in entries.items():
            if not isinstance(entry, str):
                raise Mistake((table, name), f"{name} must be {wants}, in quotes")
    try:
        return convert(document, Settings)
    except ValidationError as error:
        raise _mistake(str(error)) from None


def _mistake(words: str) -> Mistake:
    """What msgspec says, in words of the file."""
    if found := _UNKNOWN.search(words):
        name = found[1]
        known = [*(option.name for option in OPTIONS), *TABLES]
        near = get_close_matches(name, known, 1, 0.5)
        meant = f"did you mean {near[0]!r}?" if near else "'asgitrace config' lists them"
        return Mistake((name,), f"there is no option {name!r}; {meant}")
    found = _PLACE.search(words)
    name = found[1] if found else ""
    wants = next((option.wants for option in OPTIONS if option.name == name), "something else")
    return Mistake((name,), f"{name} must be {wants}")


def _at(text: str, path: tuple[str, ...]) -> str:
    """``, line 7`` where a setting stands; nothing where it is not found."""
    table: tuple[str, ...] = ()
    found = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = (header[1].strip("\"'"),)
            if table == path:
                found = found or number
        elif _name(line) == path[-1] and table == path[:-1]:
            return f", line {number}"
        elif not table and _name(line).startswith(path[0]):
            found = found or number  # as keys.save = "s", or keys = { save = "s" }
    return f", line {found}" if found else ""


def _name(line: str) -> str:
    name, equals, _ = line.partition("=")
    return name.strip().strip("\"'") if equals else ""
