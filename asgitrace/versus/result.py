"""What came of a comparison, as a whole: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from asgitrace.versus.differences import Row, compare
from asgitrace.versus.facts import Facts, facts_of, lifespan_facts
from asgitrace.versus.plays import SILENT, Play, WebSocketPlay
from asgitrace.versus.running import Run

LIFESPAN: Final = "lifespan"


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the exchanges took under a server, in the middle of those that were answered
    everywhere; ns."""

    app: int
    """From the app's call to its return."""
    client: int
    """From the connection to the end of the answer, as the client saw it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The comparison."""

    target: str
    servers: tuple[str, ...]
    versions: tuple[str, ...]
    exchanges: tuple[str, ...]
    websockets: frozenset[str]
    """Those of the exchanges that are WebSockets."""
    rows: tuple[Row, ...]
    timing: tuple[Timing, ...]
    """By server; empty where nothing was answered everywhere."""
    failures: tuple[tuple[str, str], ...]
    """Servers under which the app did not run, and why."""
    missing: tuple[tuple[str, str], ...]
    """Servers that are not installed, and what installs them."""


def conclude(
    target: str, plays: Sequence[Play], runs: Sequence[Run], missing: Sequence[tuple[str, str]]
) -> Result:
    """Compare what came of the runs."""
    ran = [run for run in runs if not run.failure]
    facts: dict[str, Sequence[Facts]] = {
        one.name: [facts_of(one, run.played[one.name]) for run in ran] for one in plays
    }
    lifespans = [run.lifespan for run in ran]
    if any(lifespan is not None for lifespan in lifespans):
        facts[LIFESPAN] = [lifespan_facts(lifespan) for lifespan in lifespans]
    return Result(
        target,
        tuple(run.server for run in ran),
        tuple(run.version for run in ran),
        tuple(facts),
        frozenset(one.name for one in plays if isinstance(one, WebSocketPlay)),
        tuple(compare(facts)) if ran else (),
        tuple(_timing(ran, plays)),
        tuple((run.server, run.failure) for run in runs if run.failure),
        tuple(missing),
    )


def _timing(runs: Sequence[Run], plays: Sequence[Play]) -> list[Timing]:
    answered = [one.name for one in plays if all(_answered(run, one.name) for run in runs)]
    if not answered:
        return []
    return [
        Timing(
            round(median(_app_ns(run, name) for name in answered)),
            round(median(run.played[name].heard.total_ns for name in answered)),
        )
        for run in runs
    ]


def _answered(run: Run, name: str) -> bool:
    played = run.played[name]
    return played.exchange is not None and played.heard.end != SILENT


def _app_ns(run: Run, name: str) -> int:
    exchange = run.played[name].exchange
    return 0 if exchange is None else exchange.row.duration_ns
