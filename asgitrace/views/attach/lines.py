"""What runs, as lines: each app with its processes below it, then those that run no longer."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Final

from rich.segment import Segment

from asgitrace.views.attach.model import Overview, Ring, RunningApp, Sighting, ended_ns
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import clipped, fit
from asgitrace.views.units import format_age, format_clock, format_count

_OUTER: Final = 5
_INNER: Final = 9
"""Cells up to the name of an app, and of one of its processes: the box, with a blank on either
side."""

_WIDE: Final = 110
BAR: Final = 8
"""Cells of the bar that shows how full a ring is."""
_GAP: Final = "  "
_GONE_NAME: Final = 34
_OVER: Final = "No longer running; what they recorded last is still there"
_UNKNOWN: Final = "an app without a name"


@dataclass(frozen=True, slots=True)
class _Plan:
    name: int
    command: int
    """Cells for what was typed to start it; 0: none."""


@cache
def _plan(width: int) -> _Plan:
    # age 6, rate 6, ring 8 + 5, state 9, and the gaps before each
    rest = max(12, width - 6 - 6 - BAR - 5 - 9 - 4 * len(_GAP))
    if width < _WIDE:
        return _Plan(rest, 0)
    name = min(44, rest // 2)
    return _Plan(name, rest - name - len(_GAP))


def titles(width: int, look: Look) -> Cells:
    """The titles above the lines."""
    plan = _plan(width)
    text = (
        f"{' app':<{plan.name}}{_GAP}{'age':>6}{_GAP}{'rec/s':>6}{_GAP}{'ring':<{BAR + 5}}{_GAP}"
        f"{'state':<9}"
    )
    if plan.command:
        text += f"{_GAP}started in, as"
    return [Segment(fit(text, width, look), look.dim)]


def fill_bar(fill: float, look: Look, cells: int = BAR) -> Cells:
    """How much of a ring is in use: drawn, and in percent."""
    share = max(0.0, min(fill, 1.0))
    full, half = divmod(round(share * cells * 2), 2)
    glyphs = look.glyphs
    return [
        Segment(glyphs.bar * full + glyphs.half_bar * half, look.accent),
        Segment(glyphs.dot * (cells - full - half), look.faint),
        Segment(f"{share:>5.0%}", look.dim),
    ]


def rate_text(rate: float) -> str:
    """Records a second in at most four cells."""
    return f"{rate:.1f}" if 0 < rate < 9.95 else format_count(round(rate))


def command_of(argv: Sequence[str]) -> str:
    """What was typed to start a process, the program by its name: it matters, not where it lies."""
    if not argv:
        return ""
    program = PurePath(argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    return " ".join((name, *argv[1:]))


@dataclass(frozen=True, slots=True)
class _Line:
    key: Hashable
    """Tells it from all others, now and later."""
    rings: tuple[Ring, ...]
    """What it stands for."""
    draw: Callable[[int, Look], Cells]
    text: str
    box: int = 0
    """A click on so many cells marks it."""


class RingLines(Lines):
    """All that was found; ``marked`` are those to be opened."""

    def __init__(self, overview: Overview, marked: Collection[Path], now_ns: int) -> None:
        """``now_ns`` is the wall time of the looking."""
        self._marked = marked
        self._now = now_ns
        self._lines: list[_Line] = []
        for app in overview.running:
            draw = _bound(self._app, app)
            self._lines.append(_Line(app.key, app.rings, draw, _app_text(app), _OUTER))
            alone = len(app.workers) == 1 and app.workers[0].worker == 1
            for each in app.workers:
                self._add(each, _bound(self._worker, each, 0 if alone else each.worker), _INNER)
        if overview.over:
            if self._lines:
                self._lines.append(_Line("blank", (), lambda width, look: [], ""))
            self._lines.append(_Line("over", (), _heading, _OVER))
            for each in overview.over:
                self._add(each, _bound(self._gone, each), _OUTER)

    def _add(self, each: Sighting, draw: Callable[[int, Look], Cells], box: int) -> None:
        ring = each.ring
        self._lines.append(_Line(ring.path, (ring,), draw, _ring_text(ring), box))

    def __len__(self) -> int:
        return len(self._lines)

    def rings(self, index: int) -> tuple[Ring, ...]:
        """What a line stands for: one process, or all of an app; nothing where it is a heading."""
        return self._lines[index].rings

    def key(self, index: int) -> Hashable:
        """What tells a line from all others, now and later."""
        return self._lines[index].key

    def find(self, key: Hashable) -> int | None:
        """The line of a key."""
        return next((at for at, line in enumerate(self._lines) if line.key == key), None)

    def app_of(self, index: int) -> tuple[Ring, ...]:
        """All processes of the app that a line belongs to."""
        own = set(self.rings(index))
        if not own:
            return ()
        return next((line.rings for line in self._lines if own <= set(line.rings)), ())

    def is_box(self, index: int, x: int) -> bool:
        """Whether the box of a line is at this cell."""
        return x < self._lines[index].box

    def text(self, index: int) -> str:
        return self._lines[index].text

    def cells(self, index: int, width: int, look: Look) -> Cells:
        return self._lines[index].draw(width, look)

    # Lines

    def _app(self, app: RunningApp, width: int, look: Look) -> Cells:
        plan = _plan(width)
        name, server = clean(app.key.app) or _UNKNOWN, clean(app.key.server)
        # An app has no age: its name may go on there.
        room = max(1, plan.name - _OUTER + len(_GAP) + 6)
        shown = fit(f"{name}  {server}", room, look)
        title, behind = shown[: len(name)], shown[len(name) :]
        count = len(app.workers)
        rate = rate_text(sum(each.rate for each in app.workers)) if count > 1 else ""
        cells = [
            self._box(app.rings, _OUTER, look),
            Segment(title, look.strong),
            Segment(behind, look.dim),
            Segment(f"{_GAP}{rate:>6}", look.text),
            Segment(f"{_GAP}{'':<{BAR + 5}}", look.dim),
            Segment(f"{_GAP}{f'{count} workers' if count > 1 else '':<9}", look.dim),
        ]
        if plan.command:
            cells.append(Segment(_GAP + fit(clean(app.key.cwd), plan.command, look), look.faint))
        return cells

    def _worker(self, each: Sighting, number: int, width: int, look: Look) -> Cells:
        plan, ring = _plan(width), each.ring
        name = f"worker {number:<3}" if number else ""
        busy = look.text if each.rate else look.dim
        cells = [
            self._box((ring,), _INNER, look),
            Segment(fit(f"{name}pid {ring.pid}", max(1, plan.name - _INNER), look), look.text),
            Segment(f"{_GAP}{format_age(ring.age):>6}", look.dim),
            Segment(f"{_GAP}{rate_text(each.rate):>6}{_GAP}", busy),
            *fill_bar(ring.fill, look),
            Segment(f"{_GAP}{look.glyphs.process} ", look.good),
            Segment("running", look.dim),
        ]
        if plan.command:
            command = clean(command_of(ring.about.argv))
            cells.append(Segment(_GAP + fit(command, plan.command, look), look.faint))
        return cells

    def _gone(self, each: Sighting, width: int, look: Look) -> Cells:
        plan, ring = _plan(width), each.ring
        crashed = ring.state == "crashed"
        glyph, style = (look.glyphs.raised, look.bad) if crashed else (look.glyphs.none, look.dim)
        name = clean(ring.about.app) or _UNKNOWN
        ago = format_age(max(self._now - ended_ns(ring), 0) / 1e9)
        told = (
            f"{ring.state}, last record {format_clock(ended_ns(ring))[:8]}, {ago} ago",
            f", {format_count(ring.written)} records",
        )
        named = min(plan.name, _GONE_NAME)
        cells = [
            self._box((ring,), _OUTER, look),
            Segment(fit(f"{name}  pid {ring.pid}", max(1, named - _OUTER), look), look.dim),
            Segment(f"{_GAP}{glyph} ", style),
        ]
        room = width - named - len(_GAP) - 2
        for text in told:
            room -= len(text)
            cells += [Segment(text, look.dim)] if room >= 0 else []
        return clipped(cells, width, look)

    def _box(self, rings: Sequence[Ring], cells: int, look: Look) -> Segment:
        """Whether all of these are marked, or some of them, or none."""
        marked = sum(ring.path in self._marked for ring in rings)
        sign = "x" if marked == len(rings) else "-" if marked else " "
        return Segment(f"{f'[{sign}] ':>{cells}}", look.accent if marked else look.faint)


def _bound(draw: Callable[..., Cells], *first: object) -> Callable[[int, Look], Cells]:
    return lambda width, look: draw(*first, width, look)


def _heading(width: int, look: Look) -> Cells:
    rule = look.glyphs.rule
    text = f" {rule * 2} {_OVER} "
    return [Segment(fit(text.ljust(width, rule), width, look), look.faint)]


def _app_text(app: RunningApp) -> str:
    return "  ".join(part for part in (app.key.app, app.key.server, app.key.cwd) if part)


def _ring_text(ring: Ring) -> str:
    about = ring.about
    return f"{about.app}  {about.server}  pid {ring.pid}  {ring.state}  {ring.path}"
