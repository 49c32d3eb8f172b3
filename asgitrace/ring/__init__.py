"""A flight recorder in shared memory: one writer, any number of readers, the oldest overwritten
first."""

from asgitrace.ring.codec import decode, encode
from asgitrace.ring.memory import RingMemory, runtime_directory
from asgitrace.ring.reader import Batch, RingReader, RingState
from asgitrace.ring.writer import RingWriter

__all__ = [
    "Batch",
    "RingMemory",
    "RingReader",
    "RingState",
    "RingWriter",
    "decode",
    "encode",
    "runtime_directory",
]
