"""Bodies that do not fit into memory: uploads and downloads, and what the server keeps of them."""

import contextlib
import re
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.contenders import BASE, Contender, one_by_one
from benchmarks.effort import Effort
from benchmarks.processes import ServerFailed, ServerProcess, serving
from benchmarks.report import Board, Row, Section
from benchmarks.site_app import CHUNK, FILE, OFFERED, SIZE

_TITLE: Final = "Large bodies"
_TIMEOUT: Final = 60.0
"""Seconds for one transfer."""
_PIECE: Final = CHUNK * 16
"""1 MiB, written and compared at once."""
_HEAD_LIMIT: Final = 65_536
_MIB: Final = float(1 << 20)
_GIB: Final = float(1 << 30)


class NotOffered(Exception):
    """The server does not have the extension that the transfer needs."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What one transfer came to."""

    seconds: float
    cpu: float | None
    peak: int | None
    grown: int | None
    """The peak less what was resident before."""


Transfer = Callable[[str, socket.socket, int], None]
"""Moves that many bytes to or from a path, and looks at what comes. Raises NotOffered, OSError,
RuntimeError."""


def upload(path: str, sock: socket.socket, size: int) -> None:
    """Send a body as fast as it is taken; the answer is the number of bytes the app had."""
    sock.sendall(
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    left = size
    while left:
        piece = _PIECE[: min(left, len(_PIECE))]
        sock.sendall(piece)
        left -= len(piece)
    head, body = _head(sock)
    while len(body) < _length(head):
        body += _received(sock, 64)
    if body != b"%d" % size:
        raise RuntimeError(f"of {size:,} bytes the app had {body[:40]!r}")


def download(path: str, sock: socket.socket, size: int) -> None:
    """Read a body as fast as it comes, and compare every byte."""
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head, body = _head(sock)
    if _length(head) != size:
        raise RuntimeError(f"the answer has {_length(head):,} bytes in place of {size:,}")
    expected, at = _PIECE + _PIECE, 0
    while True:
        phase = at % len(_PIECE)
        if body != expected[phase : phase + len(body)]:
            raise RuntimeError(f"what came is not what was sent, near byte {at:,}")
        at += len(body)
        if at >= size:
            return
        body = _received(sock, min(len(_PIECE), size - at))


_TRANSFERS: Final[tuple[tuple[str, str, Transfer], ...]] = (
    ("upload, read and dropped", "/upload", upload),
    ("upload to an app that reads slowly", "/slow", upload),
    ("download in pieces of 64 KiB", "/download", download),
    ("download by pathsend", "/pathsend", download),
    ("download by zerocopysend", "/zerocopysend", download),
)


def run(effort: Effort) -> Section:
    """Each contender in a process of its own, one transfer after the other."""
    size = effort.transfer
    boards = {path: Board(f"{_sized(size)} {words}", BASE) for words, path, _ in _TRANSFERS}
    with _file(size) as file:
        environment = {SIZE: str(size), FILE: str(file)}
        for contender in one_by_one(effort):
            _measure(boards, contender, size, environment)
    rows: list[Row] = [row for board in boards.values() for row in board.rows]
    return Section("transfer", _TITLE, tuple(rows))


def _measure(
    boards: Mapping[str, Board], contender: Contender, size: int, environment: Mapping[str, str]
) -> None:
    for _, path, transfer in _TRANSFERS:
        board, name = boards[path], contender.name
        if missing := contender.missing():
            board.leave_out(name, missing)
            continue
        try:
            # A process for each: what one leaves in the allocator is not the next one's.
            with serving(contender.host, contender.tracing, environment=environment) as server:
                moved = _move(server, path, transfer, size)
        except NotOffered:
            board.leave_out(name, f"{OFFERED[path]} is not offered")
        except (ServerFailed, OSError, RuntimeError) as error:
            board.leave_out(name, f"{type(error).__name__}: {error}")
        else:
            _put(board, name, moved, size)


def _move(server: ServerProcess, path: str, transfer: Transfer, size: int) -> Moved:
    server.reset_peak()
    memory, cpu, started = server.memory(), server.cpu_seconds(), time.perf_counter()
    with socket.create_connection(("127.0.0.1", server.port), _TIMEOUT) as sock:
        transfer(path, sock, size)
    elapsed, after, peak = time.perf_counter() - started, server.cpu_seconds(), server.peak()
    return Moved(
        elapsed,
        after - cpu if after is not None and cpu is not None else None,
        peak,
        peak - memory.resident if peak is not None and memory is not None else None,
    )


def _put(board: Board, name: str, moved: Moved, size: int) -> None:
    board.put(name, "MiB/s", "MiB/s", [size / _MIB / moved.seconds], compare=True)
    if moved.cpu:
        board.put(name, "CPU a GiB", "s", [moved.cpu / size * _GIB], compare=True)
    if moved.peak is not None:
        board.put(name, "peak RSS", "MiB", [moved.peak / _MIB])
    if moved.grown is not None:
        board.put(name, "grown by", "MiB", [moved.grown / _MIB])


@contextlib.contextmanager
def _file(size: int) -> Iterator[Path]:
    """A file of that size with what `download` expects."""
    with tempfile.NamedTemporaryFile(prefix="benchmark-") as file:
        for at in range(0, size, len(_PIECE)):
            file.write(_PIECE[: size - at])
        file.flush()
        yield Path(file.name)


def _head(sock: socket.socket) -> tuple[bytes, bytes]:
    """The head of a response of status 200, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > _HEAD_LIMIT:
            raise RuntimeError("the head of the answer does not end")
        data += _received(sock, len(CHUNK))
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 501"):
        raise NotOffered
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the answer was {head[:40]!r}")
    return head, body


def _length(head: bytes) -> int:
    found = re.search(rb"(?im)^content-length: *(\d+)", head)
    if found is None:
        raise RuntimeError("the answer has no length")
    return int(found[1])


def _received(sock: socket.socket, limit: int) -> bytes:
    data = sock.recv(limit)
    if not data:
        raise RuntimeError("the server closed the connection")
    return data


def _sized(size: int) -> str:
    return f"{size >> 30} GiB" if size >= 1 << 30 else f"{size >> 20} MiB"
