"""Rings of processes that are not there: written by the test, and ended by its word."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from asgitrace.events import Kind, pack_identity, pack_what
from asgitrace.ring import About, RingMemory, RingWriter, encode, runtime_directory
from asgitrace.ring.layout import CLOSED, MINIMUM_SIZE, STATE


@dataclass
class Worker:
    """A ring as a process of its own would write it, on a clock of the test's."""

    path: Path
    writer: RingWriter
    exchanges: int = 0

    def exchange(self, at: int, *, title: str = "/") -> None:
        """One whole exchange, from ``at`` to 10 ns later."""
        self.exchanges += 1
        scope = encode({"type": "http", "method": "GET", "path": title, "query_string": b""})
        self.record(Kind.SCOPE, at, scope)
        self.record(Kind.RETURN, at + 10)

    def call(self, at: int) -> None:
        """An exchange that is not over."""
        self.exchanges += 1
        self.record(Kind.SCOPE, at)

    def record(self, kind: Kind, at: int, payload: bytes = b"") -> None:
        """A record of the latest exchange."""
        identity = pack_identity(self.exchanges, 0)
        self.writer.write(pack_what(kind), 0, identity, at, at, 0, payload)

    def end(self) -> None:
        """In good order; the file stays."""
        self.writer.memory.counters[STATE] = CLOSED


@dataclass
class Workers:
    """Rings of made-up processes in a folder, and which of the processes run."""

    directory: Path
    gone: set[int] = field(default_factory=set)
    memories: list[RingMemory] = field(default_factory=list)

    def start(self, pid: int, *, size: int = MINIMUM_SIZE, **about: Any) -> Worker:
        path = self.directory / f"{pid}-{len(self.memories)}.ring"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "getpid", lambda: pid)
            memory = RingMemory.create(path, size, About(**{"app": "shop:app", **about}))
            writer = RingWriter(memory)
        self.memories.append(memory)
        return Worker(path, writer)

    def kill(self, pid: int) -> None:
        self.gone.add(pid)

    def is_alive(self, pid: int, started: str = "") -> bool:
        return pid not in self.gone


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Starts and ends such processes; there is nothing else in the runtime directory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = Workers(runtime_directory())
    monkeypatch.setattr("asgitrace.process.found.is_alive", made.is_alive)
    yield made
    for memory in made.memories:
        memory.close()
