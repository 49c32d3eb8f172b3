"""A recorder with a small ring, and what it wrote."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asgitrace.events import Header, Kind
from asgitrace.recorder import Recorder
from asgitrace.ring import RingMemory, RingReader, RingWriter, decode
from asgitrace.ring.layout import FAULTS


@dataclass(frozen=True)
class Event:
    header: Header
    content: Any
    """The payload, decoded."""

    @property
    def kind(self) -> Kind:
        return Kind(self.header.kind)


@dataclass
class Recording:
    recorder: Recorder
    memory: RingMemory

    def events(self, kind: Kind | None = None) -> list[Event]:
        reader = RingReader.open(self.memory.path)
        events = []
        while batch := list(reader.poll().records()):
            events += [Event(record.header, decode(record.payload)) for record in batch]
        return [event for event in events if kind is None or event.kind is kind]

    def kinds(self) -> list[str]:
        return [event.kind.name for event in self.events()]

    @property
    def faults(self) -> int:
        return self.memory.counters[FAULTS]


@pytest.fixture
def make_recording(tmp_path: Path) -> Callable[..., Recording]:
    made = 0

    def make(body_limit: int = 64 * 1024) -> Recording:
        nonlocal made
        made += 1
        memory = RingMemory.create(tmp_path / f"{made}.ring", 1024 * 1024)
        return Recording(Recorder(RingWriter(memory), body_limit), memory)

    return make


@pytest.fixture
def recording(make_recording: Callable[..., Recording]) -> Recording:
    return make_recording()


def run_through(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never suspends."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise AssertionError("it suspended")


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return run_through
