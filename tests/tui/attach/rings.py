"""Rings as if they had been found, at a moment that stands still."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from asgitrace.clock import ClockAnchor
from asgitrace.ring import About

NOW_NS = 1_700_000_000_000_000_000
SHOP = About(
    app="shop.main:app", server="uvicorn 0.38.0", cwd="/srv/shop",
    argv=("uvicorn", "shop.main:app", "--workers", "3"), ppid=4710,
)  # fmt: skip
CHAT = About(
    app="chat:application", server="daphne 4.2.1", cwd="/srv/chat",
    argv=("daphne", "chat:application", "-p", "9000"), ppid=1,
)  # fmt: skip
ADMIN = About(app="Starlette", server="hypercorn 0.17.3", cwd="/home/ann/admin")


@dataclass(frozen=True)
class FakeRing:
    """A ring that says what it is told to say."""

    path: Path
    pid: int
    about: About
    anchor: ClockAnchor
    state: str = "running"
    age: float = 0.0
    idle: float = 0.0
    written: int = 0
    fill: float = 0.0


def ring(pid: int, about: About = SHOP, *, age: float = 60.0, **changes: Any) -> FakeRing:
    """A ring of a process that runs."""
    began = NOW_NS - round(age * 1e9)
    path = Path(f"/run/user/1000/asgitrace/{pid}-0.ring")
    return replace(FakeRing(path, pid, about, ClockAnchor(0, began), age=age), **changes)


def busy() -> list[FakeRing]:
    """Three workers of a shop, a chat, and three that run no longer."""
    return [
        ring(4713, age=7_501.0, written=1_000, fill=0.31),
        ring(4711, age=7_502.0, written=50_000, fill=1.0),
        ring(4712, age=7_501.5, written=0, fill=0.0),
        ring(812, CHAT, age=90_061.0, written=12, fill=0.05, idle=60.0),
        ring(77, ADMIN, age=86_400.0, idle=40_000.0, state="ended", written=1_234_567),
        ring(3999, age=400.0, idle=310.0, state="crashed", written=88_123, fill=1.0),
        ring(3998, age=400.0, idle=320.0, state="crashed", written=1, fill=0.01),
    ]
