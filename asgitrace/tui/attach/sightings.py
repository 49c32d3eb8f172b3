"""What was found at each look, put together: how fast each ring fills, and
which worker of its app it is of."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from asgitrace.tui.status import Rate
from asgitrace.views.attach.model import (
    AppKey,
    Overview,
    Ring,
    Sighting,
    key_of,
    overview,
    place_of,
)

if TYPE_CHECKING:
    from pathlib import Path


class Sightings:
    """Remembers of every ring what its rate is reckoned from, and of every app its workers."""

    def __init__(self) -> None:
        self._rates: dict[Path, Rate] = {}
        self._workers: dict[AppKey, dict[Path, int]] = {}

    def update(self, rings: Iterable[Ring], now_ns: int) -> Overview:
        """The rings that are there at ``now_ns``, which is monotonic."""
        before, self._rates = self._rates, {}
        seen = []
        for ring in sorted(rings, key=place_of):
            running = ring.state == "running"
            rate = self._rates[ring.path] = before.get(ring.path) or Rate()
            lately = rate.sample(now_ns, ring.written)
            workers = self._workers.setdefault(key_of(ring), {}) if running else {}
            number = workers.setdefault(ring.path, len(workers) + 1)
            seen.append(Sighting(ring, lately if running else 0.0, number))
        return overview(seen)
