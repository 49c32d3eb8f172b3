"""A small ring in a file, and payloads whose content follows from their sequence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from asgitrace.events import Record, pack_identity, pack_what
from asgitrace.ring import About, RingMemory, RingReader, RingWriter
from asgitrace.ring.layout import MINIMUM_SIZE


class Content(Protocol):
    """The payload of record ``sequence``, ``length`` bytes long; tearing would show."""

    def __call__(self, sequence: int, length: int) -> bytes: ...


def content_of(sequence: int, length: int) -> bytes:
    word = sequence.to_bytes(8, "little")
    return (word * (length // 8 + 1))[:length]


@dataclass
class Ring:
    """A ring with its writer and what a test needs again and again."""

    memory: RingMemory
    writer: RingWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = RingWriter(self.memory)

    @property
    def path(self) -> Path:
        return self.memory.path

    def write(self, payload: bytes, *, call: int = 0, called: int = 0, size: int = 0) -> None:
        self.writer.write(pack_what(1), 0, pack_identity(1, call), called, 0, size, payload)

    def reader(self) -> RingReader:
        return RingReader.open(self.path)

    def records(self) -> list[Record]:
        """All that can still be read."""
        reader = self.reader()
        records: list[Record] = []
        while batch := list(reader.poll().records()):
            records += batch
        assert reader.damage is None
        return records

    def counter(self, which: int) -> int:
        return self.memory.counters[which]


@pytest.fixture
def content() -> Content:
    return content_of


@pytest.fixture
def make_ring(tmp_path: Path) -> Callable[..., Ring]:
    made = 0

    def make(size: int = MINIMUM_SIZE) -> Ring:
        nonlocal made
        made += 1
        return Ring(RingMemory.create(tmp_path / f"{made}.ring", size, About(app="module:app")))

    return make


@pytest.fixture
def ring(make_ring: Callable[..., Ring]) -> Ring:
    return make_ring()
