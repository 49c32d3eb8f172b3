"""Rings that were found, in groups that keep their places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from asgitrace.clock import ClockAnchor
    from asgitrace.ring import About


class Ring(Protocol):
    """A ring file as it was when it was looked at."""

    @property
    def path(self) -> Path:
        """Its file."""
        ...

    @property
    def pid(self) -> int:
        """The process that writes it, or has written it."""
        ...

    @property
    def about(self) -> "About":
        """What it says of that process."""
        ...

    @property
    def anchor(self) -> "ClockAnchor":
        """When it was made."""
        ...

    @property
    def state(self) -> str:
        """``running``, ``ended`` (its writer said so), ``crashed``, ``gone`` (without a word)."""
        ...

    @property
    def age(self) -> float:
        """Seconds since it was made."""
        ...

    @property
    def idle(self) -> float:
        """Seconds since its last record."""
        ...

    @property
    def written(self) -> int:
        """Records since it was made."""
        ...

    @property
    def fill(self) -> float:
        """Share of it in use, 0 to 1."""
        ...


class AppKey(NamedTuple):
    """What the workers of one app have in common."""

    app: str
    server: str
    cwd: str


def key_of(ring: Ring) -> AppKey:
    """The app that a ring is of."""
    return AppKey(ring.about.app, ring.about.server, ring.about.cwd)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A ring and what was worked out about it."""

    ring: Ring
    rate: float = 0.0
    """Records a second, lately."""
    worker: int = 0
    """Among the processes of its app, from 1 in the order in which they were made; it keeps it."""


@dataclass(frozen=True, slots=True)
class RunningApp:
    """The processes of one app, in the order in which they came."""

    key: AppKey
    workers: Sequence[Sighting]

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Theirs, in that order."""
        return tuple(each.ring for each in self.workers)


@dataclass(frozen=True, slots=True)
class Overview:
    """All that was found."""

    running: Sequence[RunningApp] = ()
    """By name."""
    over: Sequence[Sighting] = ()
    """Of processes that run no longer, the latest first."""

    @property
    def rings(self) -> list[Ring]:
        """All of them, from the first line to the last."""
        running = [ring for app in self.running for ring in app.rings]
        return running + [each.ring for each in self.over]


def overview(sightings: Iterable[Sighting]) -> Overview:
    """These rings in an order that changes with nothing but their coming and going."""
    found = sorted(sightings, key=lambda each: place_of(each.ring))
    groups: dict[AppKey, list[Sighting]] = {}
    for each in found:
        if each.ring.state == "running":
            groups.setdefault(key_of(each.ring), []).append(each)
    running = [RunningApp(key, tuple(groups[key])) for key in sorted(groups)]
    over = [each for each in found if each.ring.state != "running"]
    over.sort(key=lambda each: ended_ns(each.ring), reverse=True)
    return Overview(tuple(running), tuple(over))


def place_of(ring: Ring) -> tuple[int, int, Path]:
    """What rings are sorted by: when they were made."""
    return ring.anchor.wall_ns, ring.pid, ring.path


def ended_ns(ring: Ring) -> int:
    """Wall time of the last record; to the nearest tenth of a second, as it is reckoned back from
    now."""
    return ring.anchor.wall_ns + max(round((ring.age - ring.idle) * 10), 0) * 100_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be looked at: these rings, and the processes of these apps that come later."""

    rings: tuple[Ring, ...]
    apps: frozenset[AppKey] = frozenset()
    since_ns: int = 0
    """Wall time of the choice."""

    def wants(self, ring: Ring) -> bool:
        """Whether a ring is among them."""
        if any(ring.path == chosen.path for chosen in self.rings):
            return True
        later = ring.state == "running" or ring.anchor.wall_ns >= self.since_ns
        return later and key_of(ring) in self.apps


def choose(overview: Overview, rings: Sequence[Ring], now_ns: int) -> Choice:
    """A choice of these rings; where they are all that an app has, of the app."""
    chosen = {ring.path for ring in rings}
    apps = frozenset(
        app.key for app in overview.running if all(ring.path in chosen for ring in app.rings)
    )
    return Choice(tuple(rings), apps, now_ns)
