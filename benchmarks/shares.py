"""cProfile's statistics by package: what is built in counts for whoever called it."""

import pstats
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final

_Function = tuple[str, int, str]
_BUILT_IN: Final = "~"
_WAITING: Final = ("poll' of 'select.", "<built-in method time.sleep>")
"""Time in these is none of the processor's."""
_SYSTEM_CALLS: Final = ("of '_socket.socket'", "<built-in method posix.")
_SYSTEM: Final = "system calls"
_PACKAGES: Final = (
    ("h11", "h11"),
    ("wsproto", "wsproto"),
    ("asyncio", "asyncio"),
    ("selectors.py", "asyncio"),
    ("server", "asgitrace's server"),
    ("recorder", "asgitrace's recorder"),
    ("ring", "asgitrace's recorder"),
    ("clock.py", "asgitrace's recorder"),
    ("benchmarks", "app"),
    ("json", "app"),
)
"""A part of a file's path, and what it belongs to; the first that fits."""
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of the whole time, the greatest first."""

    packages: dict[str, float]
    functions: dict[str, tuple[float, int]]
    """Share and number of calls."""


def shares(stats: pstats.Stats, count: int) -> Shares:
    """The shares of all packages, and of the ``count`` most expensive functions."""
    table: dict[_Function, tuple[Any, int, float, float, dict[_Function, Any]]]
    table = stats.stats  # type: ignore[attr-defined]
    packages: defaultdict[str, float] = defaultdict(float)
    functions: defaultdict[str, float] = defaultdict(float)
    calls: Counter[str] = Counter()
    for function, (_, called, own, _, callers) in table.items():
        if function[0] == _BUILT_IN and any(word in function[2] for word in _WAITING):
            continue
        functions[_name(function)] += own
        calls[_name(function)] += called
        if function[0] != _BUILT_IN or _is_system_call(function):
            packages[_package(function)] += own
            continue
        for caller, (_, _, part, _) in callers.items():
            packages[_package(caller)] += part
    whole = sum(packages.values()) or 1
    return Shares(
        {name: spent / whole for name, spent in _greatest(packages)},
        {name: (spent / whole, calls[name]) for name, spent in _greatest(functions)[:count]},
    )


def _greatest(spent: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(spent.items(), key=lambda item: item[1], reverse=True)


def _is_system_call(function: _Function) -> bool:
    return any(word in function[2] for word in _SYSTEM_CALLS)


def _package(function: _Function) -> str:
    if function[0] == _BUILT_IN:
        return _SYSTEM if _is_system_call(function) else _OTHER
    parts = PurePath(function[0]).parts[-3:]
    return next((name for part, name in _PACKAGES if part in parts), _OTHER)


def _name(function: _Function) -> str:
    """Without any place of the machine."""
    file, line, name = function
    if file == _BUILT_IN:
        return name
    return f"{'/'.join(PurePath(file).parts[-2:])}:{line} {name}"
