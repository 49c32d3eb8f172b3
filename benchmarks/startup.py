"""How long asgitrace takes to be there, in a terminal and as an import."""

import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from benchmarks.effort import Effort
from benchmarks.processes import ROOT
from benchmarks.report import Budget, Row, Section, absent, compared, figure
from benchmarks.series import difference, interleave
from benchmarks.terminal import plain, running

_TARGET: Final = "benchmarks.apps:hello"
_SPLASH_TIMEOUT: Final = 5.0
_SCREEN_TIMEOUT: Final = 10.0
_RUN_TIMEOUT: Final = 20.0
_ALTERNATE_SCREEN: Final = b"\x1b[?1049h"
_ADDRESS: Final = re.compile(rb"http://127\.0\.0\.1:[1-9]")
"""In the status bar and the notice of an empty list: the whole screen is painted in one go."""

_NOTHING: Final = "python -c pass"
_COMMANDS: Final[dict[str, Sequence[str]]] = {
    _NOTHING: ("-c", "pass"),
    "python -m asgitrace --version": ("-m", "asgitrace", "--version"),
    "import asgitrace": ("-c", "import asgitrace"),
    "from asgitrace import trace": ("-c", "from asgitrace import trace"),
}
_BUDGETS: Final = {
    "python -m asgitrace --version": Budget("≤", 100.0, "median"),
    "import asgitrace": Budget("≤", 30.0, "median"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """One start in a terminal, in ms; None for what did not come."""

    splash: float | None
    screen: float | None
    last_words: str


def run(effort: Effort) -> Section:
    """Measure starts in a terminal, and imports against an interpreter that does nothing."""
    rows = [*_terminal(effort), *_imports(effort)]
    return Section("startup", "Start-up", tuple(rows))


def _terminal(effort: Effort) -> list[Row]:
    _start()  # The first one compiles.
    starts = []
    for _ in range(effort.starts):
        starts.append(_start())
        if starts[-1].screen is None:
            break
    splashes = [start.splash for start in starts if start.splash is not None]
    screens = [start.screen for start in starts if start.screen is not None]
    failed = starts[-1].last_words
    return [
        _milestone("exec to splash", splashes, 50.0, failed),
        _milestone("exec to full screen", screens, 400.0, failed),
    ]


def _milestone(name: str, series: list[float], limit: float, failed: str) -> Row:
    if not series:
        return absent(name, f"did not come; on the screen: {failed}")
    return figure(name, "ms", series, Budget("≤", limit, "median"))


def _start() -> Start:
    command = [sys.executable, "-m", "asgitrace", _TARGET, "--port", "0"]
    with running(command) as terminal:
        splash = terminal.until(_has_splash, _SPLASH_TIMEOUT)
        screen = terminal.until(_is_complete, _SCREEN_TIMEOUT)
        return Start(_ms(splash), _ms(screen), terminal.last_words())


def _has_splash(painted: bytes) -> bool:
    return _ALTERNATE_SCREEN in painted


def _is_complete(painted: bytes) -> bool:
    return _ADDRESS.search(plain(painted)) is not None


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e3


def _imports(effort: Effort) -> list[Row]:
    runnable = dict(_COMMANDS)
    rows: list[Row] = []
    for name, arguments in _COMMANDS.items():
        with contextlib.suppress(subprocess.SubprocessError):
            _spent(arguments)
            continue
        del runnable[name]
        rows.append(absent(name, "failed"))
    turns = {name: partial(_spent, arguments) for name, arguments in runnable.items()}
    taken = interleave(turns, effort.starts)
    base = taken.pop(_NOTHING)
    rows.append(figure(_NOTHING, "ms", base))
    for name, series in taken.items():
        rows.append(compared(name, "ms", series, _NOTHING, base))
        rows.append(figure("  added", "ms", difference(series, base), _BUDGETS.get(name)))
    return rows


def _spent(arguments: Sequence[str]) -> float:
    """Milliseconds from start to end of an interpreter. Raises SubprocessError."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=_RUN_TIMEOUT,
    )
    return (time.perf_counter() - started) * 1e3
