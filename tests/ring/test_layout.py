from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.clock import ClockAnchor
from asgitrace.errors import RingError
from asgitrace.events import HEADER
from asgitrace.ring.layout import (
    _IDENTITY,
    ABOUT_LIMIT,
    ABOUT_OFFSET,
    COUNTERS,
    COUNTERS_OFFSET,
    FORMAT,
    MAGIC,
    MAXIMUM_SIZE,
    MINIMUM_SIZE,
    SLOTS_OFFSET,
    Layout,
)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ANCHOR = ClockAnchor(5, -7)


def identity(
    *, version: int = FORMAT, header: int = 64, slots: int = 256, capacity: int = 49152
) -> bytes:
    """An identity block with the right checksum, whatever it says."""
    block = _IDENTITY.pack(MAGIC, version, header, slots, capacity, 1, 2, 3)
    return block + crc32(block).to_bytes(4, "little")


@UNHURRIED
@given(st.integers(MINIMUM_SIZE, MAXIMUM_SIZE), st.integers(0, 2**31))
def test_the_size_is_divided_without_remainder(size: int, pid: int) -> None:
    layout = Layout.for_size(size, pid, ANCHOR)
    assert layout.slots * HEADER.size + layout.capacity == size
    assert layout.slots >= 256
    assert layout.payload_offset == SLOTS_OFFSET + layout.slots * HEADER.size
    assert layout.file_size == SLOTS_OFFSET + size
    assert Layout.unpack(layout.pack(), "a.ring") == layout


@pytest.mark.parametrize("size", [-1, 0, MINIMUM_SIZE - 1, MAXIMUM_SIZE + 1])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(RingError, match="out of bounds; choose from"):
        Layout.for_size(size, 1, ANCHOR)


def test_the_blocks_do_not_overlap() -> None:
    assert len(identity()) <= COUNTERS_OFFSET
    assert COUNTERS_OFFSET + 8 * COUNTERS <= ABOUT_OFFSET
    assert ABOUT_OFFSET + 8 + ABOUT_LIMIT == SLOTS_OFFSET


def test_any_flipped_bit_of_the_identity_is_noticed() -> None:
    block = identity()
    for bit in range(len(block) * 8):
        damaged = bytearray(block)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(RingError, match=r"a\.ring"):
            Layout.unpack(bytes(damaged), "a.ring")


@UNHURRIED
@given(st.binary(max_size=100))
def test_foreign_bytes_are_refused(block: bytes) -> None:
    with pytest.raises(RingError, match="not a ring file of asgitrace"):
        Layout.unpack(block, "a.ring")


def test_a_block_cut_short_is_refused() -> None:
    with pytest.raises(RingError, match="not a ring file of asgitrace"):
        Layout.unpack(identity()[:-1], "a.ring")


def test_another_format_says_which_version_is_needed() -> None:
    with pytest.raises(RingError, match=r"format 2, this asgitrace reads 1; use the version that"):
        Layout.unpack(identity(version=2), "a.ring")


@pytest.mark.parametrize(
    "block",
    [
        identity(slots=0),
        identity(capacity=0),
        identity(slots=2**64 - 1),
        identity(capacity=2**64 - 1),
        identity(slots=1, capacity=1),
        identity(header=63),
    ],
)
def test_impossible_facts_are_refused_in_spite_of_a_right_checksum(block: bytes) -> None:
    with pytest.raises(RingError, match="is damaged"):
        Layout.unpack(block, "a.ring")
