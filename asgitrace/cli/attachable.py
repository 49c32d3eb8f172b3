"""What can be attached to, as a table or as JSON."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import msgspec

from asgitrace.process.found import FoundRing
from asgitrace.views.attach.model import AppKey, Overview, Sighting, key_of, overview, place_of
from asgitrace.views.clean import clean
from asgitrace.views.units import format_age

_GAP: Final = "  "
_TITLES: Final = ("APP", "SERVER", "PID", "WORKER", "AGE", "REC/S", "RING", "STATE")
_RIGHT: Final = frozenset({"PID", "WORKER", "AGE", "REC/S", "RING"})
_NONE: Final = "-"


class Listed(msgspec.Struct, frozen=True):
    """One ring, for programs."""

    app: str
    server: str
    pid: int
    ppid: int
    worker: int
    """From 1; 0 where the app has but one process."""
    state: str
    age: float
    """Seconds since the app was first called."""
    idle: float
    """Seconds since the last record."""
    rate: float
    """Records a second, between two looks."""
    records: int
    fill: float
    """Share of the ring in use, 0 to 1."""
    argv: tuple[str, ...]
    cwd: str
    python: str
    ring: str
    """Its file."""


def look_twice(before: Sequence[FoundRing], now: Sequence[FoundRing], seconds: float) -> Overview:
    """What there is, with rates from an earlier look so many seconds ago."""
    written = {each.path: each.written for each in before}
    rates = {
        each.path: (each.written - written.get(each.path, each.written)) / seconds for each in now
    }
    workers: dict[AppKey, int] = {}
    seen = []
    for ring in sorted(now, key=place_of):
        number = 0
        if ring.state == "running":
            key = key_of(ring)
            number = workers[key] = workers.get(key, 0) + 1
        seen.append(Sighting(ring, rates[ring.path], number))
    return overview(seen)


def listed(found: Overview, only: Collection[Path] | None = None) -> list[Listed]:
    """Each ring, or each of these, those that run first."""
    rows = []
    for app in found.running:
        several = len(app.workers) > 1
        rows += [_listed(each, each.worker if several else 0) for each in app.workers]
    rows += [_listed(each, 0) for each in found.over]
    wanted = None if only is None else {str(path) for path in only}
    return [row for row in rows if wanted is None or row.ring in wanted]


def table(found: Overview, only: Collection[Path] | None = None) -> list[str]:
    """The same, as lines of aligned columns."""
    rows = [_TITLES, *(_cells(each) for each in listed(found, only))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    columns = list(zip(_TITLES, widths, strict=True))
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if title in _RIGHT else cell.ljust(width)
            for cell, (title, width) in zip(row, columns, strict=True)
        ]
        lines.append(_GAP.join(cells).rstrip())
    return lines


def _cells(each: Listed) -> tuple[str, ...]:
    running = each.state == "running"
    return (
        clean(each.app) or _NONE,
        clean(each.server) or _NONE,
        str(each.pid),
        str(each.worker or _NONE),
        format_age(each.age),
        f"{each.rate:,.0f}" if running else _NONE,
        f"{each.fill:.0%}",
        each.state,
    )


def _listed(each: Sighting, worker: int) -> Listed:
    ring = each.ring
    about = ring.about
    return Listed(
        app=about.app,
        server=about.server,
        pid=ring.pid,
        ppid=about.ppid,
        worker=worker,
        state=ring.state,
        age=round(ring.age, 3),
        idle=round(ring.idle, 3),
        rate=round(each.rate, 1),
        records=ring.written,
        fill=round(ring.fill, 4),
        argv=about.argv,
        cwd=about.cwd,
        python=about.python,
        ring=str(ring.path),
    )
