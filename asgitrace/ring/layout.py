"""Where everything lies in a ring file.

    0     identity    magic, format, sizes, pid, clock anchor, checksum; written once
    128   counters    eight 64-bit words, written by the writer only
    256   about       length, checksum and msgpack map: what is being traced
    4096  slots       ``slots`` headers of 64 bytes; record n lies in slot n mod slots
    ...   payloads    ``capacity`` bytes; position p lies at p mod capacity, a payload never wraps

Headers and payloads are apart so that a reader takes in headers as one array, without walking.

Order of writes, on which the reader relies: FIRST is raised before what it gives up is overwritten,
NEXT is raised after the record is complete. So a copy of the records [a, b) is whole where FIRST,
read after copying, is at most a. The writer's death in mid-write leaves NEXT where it was. The
checksum guards against what this order cannot: a damaged file, and processors that reorder stores.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final, Self
from zlib import crc32

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.events import HEADER

MAGIC: Final = b"ASGITRCE"
FORMAT: Final = 1

COUNTERS_OFFSET: Final = 128
COUNTERS: Final = 8
ABOUT_OFFSET: Final = 256
SLOTS_OFFSET: Final = 4096
ABOUT_LIMIT: Final = SLOTS_OFFSET - ABOUT_OFFSET - 8

NEXT, FIRST, REFUSED, FAULTS, STATE, SAMPLED, UNSAMPLED = range(7)
"""Counters: sequence of the next record; oldest record still whole; payloads and records refused;
recorder's faults; OPEN or CLOSED; exchanges that sampling
chose, and those that it left out."""

OPEN, CLOSED = 1, 2

MINIMUM_SIZE: Final = 64 * 1024
MAXIMUM_SIZE: Final = 64 * 1024**3
_SLOT_SHARE: Final = 4

_IDENTITY = Struct("<8sIIQQQqq")


@dataclass(frozen=True, slots=True)
class Layout:
    """The fixed facts of a ring file."""

    slots: int
    """Number of headers."""
    capacity: int
    """Bytes for payloads."""
    pid: int
    anchor: ClockAnchor

    @classmethod
    def for_size(cls, size: int, pid: int, anchor: ClockAnchor) -> Self:
        """Divide ``size`` bytes: a quarter for headers, which suits payloads of 200 bytes on
        average.

        Raises RingError where the size is out of bounds.
        """
        cls.check_size(size)
        slots = size // _SLOT_SHARE // HEADER.size
        return cls(slots, size - slots * HEADER.size, pid, anchor)

    @staticmethod
    def check_size(size: int) -> None:
        """Raises RingError where a ring cannot have this size in bytes."""
        if not MINIMUM_SIZE <= size <= MAXIMUM_SIZE:
            raise RingError(
                f"A ring of {size} bytes is out of bounds; "
                f"choose from {MINIMUM_SIZE} to {MAXIMUM_SIZE}."
            )

    @property
    def payload_offset(self) -> int:
        return SLOTS_OFFSET + self.slots * HEADER.size

    @property
    def file_size(self) -> int:
        return self.payload_offset + self.capacity

    def pack(self) -> bytes:
        """The identity block with its checksum."""
        anchor = self.anchor
        block = _IDENTITY.pack(
            MAGIC,
            FORMAT,
            HEADER.size,
            self.slots,
            self.capacity,
            self.pid,
            anchor.monotonic_ns,
            anchor.wall_ns,
        )
        return block + crc32(block).to_bytes(4, "little")

    @classmethod
    def unpack(cls, block: bytes, where: str) -> Self:
        """Read the identity block; raises RingError, naming ``where``, if it is not sound."""
        size = _IDENTITY.size
        if len(block) < size + 4 or not block.startswith(MAGIC):
            raise RingError(f"{where} is not a ring file of asgitrace.")
        _, version, header_size, slots, capacity, pid, monotonic, wall = _IDENTITY.unpack_from(
            block
        )
        if version != FORMAT:
            raise RingError(
                f"{where} has ring format {version}, this asgitrace reads {FORMAT}; "
                "use the version that wrote it."
            )
        if (
            crc32(block[:size]) != int.from_bytes(block[size : size + 4], "little")
            or header_size != HEADER.size
        ):
            raise RingError(f"{where} is damaged: the checksum of its first block is wrong.")
        within = MINIMUM_SIZE <= slots * HEADER.size + capacity <= MAXIMUM_SIZE
        if not (slots and capacity and within):
            raise RingError(
                f"{where} is damaged: it says it has {slots} records in {capacity} bytes."
            )
        return cls(slots, capacity, pid, ClockAnchor(monotonic, wall))
