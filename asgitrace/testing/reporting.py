"""What a test traced, in its report and in a file."""

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from reprlib import repr as brief
from typing import Any, Final

import pytest

from asgitrace.errors import AsgitraceError
from asgitrace.library import LoadedExchange, LoadedTrace
from asgitrace.testing.running import RunningTrace
from asgitrace.testing.tables import table, traceback
from asgitrace.views.clean import clean
from asgitrace.words import counted

_TITLE: Final = "asgitrace"
_WIDTH: Final = 100
_EXCHANGES: Final = 10
"""The last ones of a test that are shown in its report."""
_EVENTS: Final = 30
_TRACEBACK: Final = 20
_COMPARED: Final = 5
"""Events that are shown with a failed comparison: pytest cuts what it says there to 8 lines."""
_COMPARED_WIDTH: Final = 78
_NEAR: Final = 200
"""Values inside another that are looked through."""
_NAME: Final = 120
_NAMED: Final = 20
"""Commands that are told at the end."""
_PLAIN: Final = (int, str, bytes, bool, type(None))


class Traced:
    """The traces of one test: its own, and what of the session's belongs to it."""

    def __init__(self) -> None:
        self._own: RunningTrace | None = None
        self._shared: RunningTrace | None = None
        self._failed = False

    def own(self, trace: RunningTrace) -> RunningTrace:
        """This trace is the test's own."""
        self._own = trace
        return trace

    def shared(self, trace: RunningTrace) -> None:
        """Apps of this trace are used in the test."""
        self._shared = trace

    def explain(
        self, found: list[list[str]], op: str, left: object, right: object, *, long: bool
    ) -> list[list[str]]:
        """Explanations of a failed comparison, with the exchange whose value was compared."""
        exchange = self._compared(left, right)
        if exchange is None:
            return found
        shown, width = (_EVENTS, _WIDTH) if long else (_COMPARED, _COMPARED_WIDTH)
        first, *rest = found or [[f"{brief(left)} {op} {brief(right)}"]]
        head, *details = first
        return [[head, *table(exchange, shown, width), *details], *rest]

    def report(self, report: pytest.TestReport, folder: Path | None, *, save_all: bool) -> None:
        """Add what belongs to a report of the test; after its last one all is over."""
        try:
            if report.failed:
                self._failed = True
                report.sections.append((_TITLE, "\n".join(self._told())))
            if report.when == "teardown":
                if folder is not None and (self._failed or save_all):
                    self._save(report, folder)
                self._close()
        except Exception as error:
            # A fault of ours is no failure of the test.
            report.sections.append((_TITLE, clean(f"The trace cannot be shown: {error!r}")))

    def _traces(self) -> Iterator[tuple[str, LoadedTrace]]:
        if self._own is not None and self._own.wrapped:
            yield "", self._own
        if self._shared is not None and len(self._shared.this_test):
            yield "session", self._shared.this_test

    def _compared(self, left: object, right: object) -> LoadedExchange | None:
        """The exchange that one of the two is of, if it was just asked for it."""
        for trace in (self._own, self._shared):
            look = trace.last_look if trace is not None else None
            # A plain value may be the same as another by chance: what is tested stands to the left.
            if look and any(
                _holds(look[1], value, 3)
                for value in (left, right)
                if value is left or not isinstance(value, _PLAIN)
            ):
                return look[0]
        return None

    def _told(self) -> Iterator[str]:
        empty = True
        for _, trace in self._traces():
            numbers = trace.numbers
            empty = empty and not numbers
            if len(numbers) > _EXCHANGES:
                yield f"{counted(len(numbers), 'exchange')}, the last {_EXCHANGES} of them:"
            for number in numbers[-_EXCHANGES:]:
                exchange = trace[number]
                yield from table(exchange, _EVENTS, _WIDTH)
                yield from (f"  {line}" for line in traceback(exchange, _TRACEBACK))
            for count, words in ((trace.missed, "event"), (trace.left_out, "exchange")):
                if count:
                    yield f"{counted(count, words)} dropped: set asgitrace_buffer to a larger size"
        if empty:
            yield "no exchange: the app was not called"

    def _save(self, report: pytest.TestReport, folder: Path) -> None:
        for kind, trace in self._traces():
            if not len(trace):
                continue
            path = folder / f"{safe_name(report.nodeid)}{f'.{kind}' if kind else ''}.jsonl"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                trace.save(path, overwrite=True)
            except (OSError, AsgitraceError) as error:
                report.sections.append((_TITLE, clean(f"The trace is not saved: {error}")))
            else:
                # Any attribute of a report comes through from a worker of xdist.
                vars(report).setdefault("asgitrace_files", []).append(str(path))

    def _close(self) -> None:
        if self._own is not None:
            self._own.close()


def _holds(value: Any, sought: object, depth: int) -> bool:
    """Whether this very object is the value, or is in it."""
    if value is sought:
        return True
    if not depth or not isinstance(value, list | tuple | dict):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return any(_holds(part, sought, depth - 1) for part in islice(parts, _NEAR))


def safe_name(node: str) -> str:
    """The id of a test as the name of a file, not longer than 130 characters. Where it had to be
    changed such that another test's might become the same, a part of its hash tells them apart."""
    plain = re.sub(r"::|/", "-", node)
    safe = re.sub(r"[^\w.\[\]-]", "_", plain, flags=re.ASCII).lstrip(".-")[:_NAME]
    told_apart = "-" not in node and safe == plain
    return (
        safe if told_apart else f"{safe}-{sha256(node.encode('utf-8', 'replace')).hexdigest()[:8]}"
    )


def commands(files: Sequence[str], folder: Path) -> Iterator[str]:
    """The commands that open these files, for somebody who is in the folder."""
    for file in files[:_NAMED]:
        inside = Path(file).is_relative_to(folder)
        yield clean(
            f"asgitrace open {shlex.quote(os.path.relpath(file, folder) if inside else file)}"
        )
    if len(files) > _NAMED:
        more = counted(len(files) - _NAMED, "more file")
        yield clean(f"and {more} in {Path(files[0]).parent}")
