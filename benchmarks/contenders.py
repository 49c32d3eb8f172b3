"""Who is compared: a server in its configuration, traced or not, under the name it has in the
tables."""

from dataclasses import dataclass
from typing import Final

from benchmarks.effort import Effort
from benchmarks.hosts import EMBEDDED, EMBEDDED_UVLOOP, HOSTS, Tracing


@dataclass(frozen=True, slots=True)
class Contender:
    """One line of the tables."""

    name: str
    host: str
    tracing: Tracing = "no"

    def missing(self) -> str | None:
        """What is not installed; None if all is."""
        return HOSTS[self.host].missing()


BASE: Final = "uvicorn h11"
"""What all ratios are to."""
PEERS: Final = (
    Contender(BASE, "uvicorn-h11"),
    Contender("uvicorn httptools, uvloop", "uvicorn-httptools"),
    Contender("hypercorn", "hypercorn"),
    Contender("hypercorn, uvloop", "hypercorn-uvloop"),
    Contender("granian, uvloop", "granian"),
    Contender("daphne", "daphne"),
)
_SHAPES: Final[dict[str, Tracing]] = {
    "": "no",
    ", wire off": "off",
    ", wire events": "events",
    ", wire bytes": "bytes",
}
OURS: Final = tuple(
    Contender(f"{name}{shape}", host, tracing)
    for name, host in (("asgitrace", EMBEDDED), ("asgitrace uvloop", EMBEDDED_UVLOOP))
    for shape, tracing in _SHAPES.items()
)
"""Untraced, and traced with what is recorded of the wire."""
ALL: Final = PEERS + OURS
_FEWER: Final = PEERS + tuple(
    one
    for one in OURS
    if one.tracing in ("no", "events") or (one.tracing, one.host) == ("bytes", EMBEDDED)
)
_FEW: Final = tuple(one for one in _FEWER if one.host in ("uvicorn-h11", "granian", EMBEDDED))


def one_by_one(effort: Effort) -> tuple[Contender, ...]:
    """For what is measured on one process after the other: the embedded server only in the shapes
    that differ there."""
    return _FEW if effort.few else _FEWER
