import errno
import mmap
import os
import stat
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import pytest

from asgitrace.errors import RingError
from asgitrace.ring import About, RingMemory
from asgitrace.ring.layout import (
    ABOUT_OFFSET,
    COUNTERS,
    MINIMUM_SIZE,
    OPEN,
    SLOTS_OFFSET,
    STATE,
)

ABOUT = About(app="module:app", argv=("a", "b"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.ring"


@pytest.fixture
def made(path: Path) -> Path:
    RingMemory.create(path, MINIMUM_SIZE, ABOUT).close()
    return path


def with_about(path: Path, packed: bytes, *, length: int | None = None) -> None:
    """Put a description into a file, with the right checksum."""
    block = (len(packed) if length is None else length).to_bytes(4, "little")
    with path.open("r+b") as file:
        file.seek(ABOUT_OFFSET)
        file.write(block + crc32(packed).to_bytes(4, "little") + packed)


class TestCreate:
    def test_what_is_made_can_be_opened(self, path: Path) -> None:
        made = RingMemory.create(path, MINIMUM_SIZE, ABOUT)
        opened = RingMemory.open(path)
        assert opened.layout == made.layout
        assert opened.about == made.about == ABOUT
        assert opened.path == path
        assert made.layout.pid == os.getpid()
        assert list(opened.counters) == [OPEN if n == STATE else 0 for n in range(COUNTERS)]

    def test_it_is_for_its_owner_only(self, made: Path) -> None:
        assert stat.S_IMODE(made.stat().st_mode) == 0o600

    def test_its_space_is_reserved(self, made: Path) -> None:
        found = made.stat()
        assert found.st_blocks * 512 >= found.st_size == SLOTS_OFFSET + MINIMUM_SIZE

    def test_nothing_else_is_left(self, made: Path) -> None:
        assert list(made.parent.iterdir()) == [made]

    def test_a_reader_cannot_write(self, made: Path) -> None:
        with pytest.raises(TypeError):
            RingMemory.open(made).counters[0] = 1

    def test_about_is_optional(self, path: Path) -> None:
        assert RingMemory.create(path, MINIMUM_SIZE).about == About()
        assert RingMemory.open(path).about == About()

    def test_an_existing_file_is_not_replaced(self, path: Path) -> None:
        path.write_bytes(b"precious")
        with pytest.raises(RingError, match=r"cannot be made: .*File exists"):
            RingMemory.create(path, MINIMUM_SIZE)
        assert path.read_bytes() == b"precious"
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("suffix", ["", ".new"])
    @pytest.mark.parametrize("exists", [True, False])
    def test_a_symlink_is_refused(self, path: Path, suffix: str, exists: bool) -> None:
        victim = path.parent / "victim"
        if exists:
            victim.write_bytes(b"precious")
        link = path.with_name(path.name + suffix)
        link.symlink_to(victim)
        with pytest.raises(RingError, match="cannot be made"):
            RingMemory.create(path, MINIMUM_SIZE)
        assert link.is_symlink()
        assert victim.exists() == exists
        assert not exists or victim.read_bytes() == b"precious"

    def test_a_missing_folder_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(RingError, match="cannot be made"):
            RingMemory.create(tmp_path / "none" / "a.ring", MINIMUM_SIZE)

    def test_a_full_disk_is_an_error_and_leaves_nothing(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "posix_fallocate", full)
        with pytest.raises(RingError, match=r"No space left.*free some space or choose a smaller"):
            RingMemory.create(path, MINIMUM_SIZE)
        assert list(path.parent.iterdir()) == []

    def test_an_interrupt_leaves_nothing(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(mmap, "mmap", interrupt)
        with pytest.raises(KeyboardInterrupt):
            RingMemory.create(path, MINIMUM_SIZE)
        assert list(path.parent.iterdir()) == []

    def test_where_space_cannot_be_reserved_zeros_are_written(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pwrite = os.pwrite
        monkeypatch.delattr(os, "posix_fallocate")
        # A disk that is nearly full takes less than it is given.
        monkeypatch.setattr(os, "pwrite", lambda fd, data, at: pwrite(fd, data[:10_000], at))
        RingMemory.create(path, 3 * 1024 * 1024)
        found = path.stat()
        assert found.st_blocks * 512 >= found.st_size == SLOTS_OFFSET + 3 * 1024 * 1024


class TestOpen:
    @pytest.mark.parametrize("name", ["missing", "nul\0name"])
    def test_a_file_that_cannot_be_opened(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(RingError, match="cannot be read"):
            RingMemory.open(tmp_path / name)

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(RingError, match="not a ring file of asgitrace"):
            RingMemory.open(tmp_path)

    def test_a_pipe_is_not_waited_for(self, path: Path) -> None:
        os.mkfifo(path)
        with pytest.raises(RingError, match="not a ring file of asgitrace"):
            RingMemory.open(path)

    @pytest.mark.parametrize("length", [0, 1, 59, 60, 127, 4095, SLOTS_OFFSET + MINIMUM_SIZE - 1])
    def test_a_truncated_file(self, made: Path, length: int) -> None:
        os.truncate(made, length)
        with pytest.raises(RingError, match=r"is truncated|not a ring file"):
            RingMemory.open(made)

    def test_a_file_that_shrinks_while_it_is_opened(
        self, made: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def shrunk(*_: Any, **__: Any) -> None:
            raise ValueError("mmap length is greater than file size")

        monkeypatch.setattr(mmap, "mmap", shrunk)
        with pytest.raises(RingError, match="cannot be read"):
            RingMemory.open(made)

    def test_any_flipped_bit_of_the_description_is_noticed(self, made: Path) -> None:
        content = made.read_bytes()
        end = ABOUT_OFFSET + 8 + len(msgspec.msgpack.encode(ABOUT))
        with made.open("r+b", buffering=0) as file:
            for bit in range(ABOUT_OFFSET * 8, end * 8):
                at = bit // 8
                os.pwrite(file.fileno(), bytes([content[at] ^ 1 << bit % 8]), at)
                with pytest.raises(RingError, match=r"is damaged: .* description"):
                    RingMemory.open(made)
                os.pwrite(file.fileno(), content[at : at + 1], at)

    @pytest.mark.parametrize(
        "packed",
        [
            b"",
            b"\x01",
            b"\x81\x01\x02",
            b"\x81\xa1a" + b"\x91" * 3_000 + b"\x01",
            b"\x81\xa3app\x01",
            b"\x81\xa3app\xa1\xff",
            b"\x81\xa4argv\x91\xc0",
            b"\xc1",
        ],
    )
    def test_garbage_with_a_right_checksum(self, made: Path, packed: bytes) -> None:
        with_about(made, packed)
        with pytest.raises(RingError, match="description cannot be read"):
            RingMemory.open(made)

    def test_a_description_longer_than_its_place(self, made: Path) -> None:
        with_about(made, b"\x80", length=2**32 - 1)
        with pytest.raises(RingError, match="description is wrong"):
            RingMemory.open(made)

    def test_closed_memory_is_given_up_and_the_file_stays(self, made: Path) -> None:
        opened = RingMemory.open(made)
        opened.close()
        with pytest.raises(ValueError, match="released"):
            _ = opened.counters[0]
        assert opened.bytes.closed
        assert made.exists()
