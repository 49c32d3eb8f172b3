"""The processes of a session, as lines: how each of them does."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from rich.segment import Segment
from rich.style import Style

from asgitrace.store.session import FollowedProcess
from asgitrace.views.attach.lines import BAR, fill_bar
from asgitrace.views.clean import clean
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.rows import fit
from asgitrace.views.units import format_count

_GAP: Final = "  "
_TITLES: Final = (
    f"  {'wk':>3}{_GAP}{'pid':<8}{'state':<9}{_GAP}{'exchanges':>9}{_GAP}{'records':>7}"
    f"{_GAP}{'missed':>6}{_GAP}{'ring':<{BAR + 5}}{_GAP}"
)


def followed_titles(width: int, look: Look) -> Cells:
    """The titles above the lines."""
    return [Segment(fit(f"{_TITLES}app", width, look), look.dim)]


@cache
def _room(width: int) -> int:
    """Cells for the app and its server."""
    return max(0, width - len(_TITLES))


class FollowedLines(Lines):
    """One line for each process, in the order in which they came.

    Args:
        processes: what is known of them.
        exchanges: how many exchanges of each are kept, by the number of the process.
    """

    def __init__(self, processes: Sequence[FollowedProcess], exchanges: Mapping[int, int]) -> None:
        self._processes = processes
        self._exchanges = exchanges

    def __len__(self) -> int:
        return len(self._processes)

    def process(self, index: int) -> FollowedProcess:
        """The process of a line."""
        return self._processes[index]

    def find(self, source: int) -> int | None:
        """The line of a process."""
        numbers = [each.process.source for each in self._processes]
        return numbers.index(source) if source in numbers else None

    def text(self, index: int) -> str:
        each = self._processes[index]
        process = each.process
        return f"worker {process.worker}  pid {process.pid}  {each.state}  {process.target}"

    def cells(self, index: int, width: int, look: Look) -> Cells:
        each = self._processes[index]
        process = each.process
        glyph, style = _sign(each.state, look)
        worker = str(process.worker) if process.worker else look.glyphs.none
        told = clean(f"{process.target}  {process.server}".strip())
        return [
            Segment(f"  {worker:>3}{_GAP}", look.strong if process.worker else look.faint),
            Segment(f"{process.pid:<8}", look.text),
            Segment(f"{glyph} ", style),
            Segment(f"{each.state:<7}{_GAP}", look.dim),
            Segment(f"{self._exchanges.get(process.source, 0):>9,}{_GAP}", look.text),
            Segment(f"{format_count(each.records):>7}{_GAP}", look.dim),
            Segment(f"{format_count(each.missed):>6}{_GAP}", look.bad if each.missed else look.dim),
            *fill_bar(each.fill, look),
            Segment(_GAP + fit(told, _room(width), look) if _room(width) else "", look.dim),
        ]


def _sign(state: str, look: Look) -> tuple[str, Style]:
    match state:
        case "running":
            return look.glyphs.process, look.good
        case "crashed":
            return look.glyphs.raised, look.bad
    return look.glyphs.none, look.dim


def summary(processes: Sequence[FollowedProcess]) -> str:
    """What runs, in a few words: ``3 workers of shop:app (uvicorn 0.38.0)``."""
    running = [each.process for each in processes if each.state == "running"]
    told = running or [each.process for each in processes]
    if not told:
        return "no process yet"
    count = len(told)
    apps, servers = {each.target for each in told}, {each.server for each in told}
    app = clean(next(iter(apps))) or "an app"
    server = clean(next(iter(servers))) if len(servers) == 1 else ""
    if len(apps) > 1:
        words = f"{count} processes of {len(apps)} apps"
    else:
        words = app if count == 1 else f"{count} workers of {app}"
    if server and len(apps) == 1:
        words += f" ({server})"
    if running:
        return words
    return f"{words} ended" if count == 1 else f"all {words} ended"
