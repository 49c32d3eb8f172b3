"""A flight recorder in shared memory: one writer, any number of readers, the oldest overwritten
first."""

from asgitrace.ring.about import About
from asgitrace.ring.codec import decode, encode
from asgitrace.ring.directory import new_ring_path, room_for, runtime_directory
from asgitrace.ring.memory import RingMemory
from asgitrace.ring.reader import Batch, RingReader, RingState
from asgitrace.ring.writer import RingWriter

__all__ = [
    "About",
    "Batch",
    "RingMemory",
    "RingReader",
    "RingState",
    "RingWriter",
    "decode",
    "encode",
    "new_ring_path",
    "room_for",
    "runtime_directory",
]
