"""Clients notice a wrong answer, and servers that are asked by them are ended."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.clients import ask
from benchmarks.hosts import EMBEDDED, FLOOR, HOSTS, Entry
from benchmarks.load import Turn
from benchmarks.processes import serving
from benchmarks.questions import (
    ACCEPTED,
    ECHO,
    ECHO_FRAME,
    HANDSHAKE,
    JSON,
    Request,
    echoes,
    is_websocket,
    requests,
)
from benchmarks.wrk import wrk, wrk_missing

_ROOT = Path(__file__).parents[2]
_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


def test_an_answer_is_judged_when_it_is_whole() -> None:
    request = Request("GET", "/", "", "ab")
    assert request.judge(_OK[:-1]) is None
    assert request.judge(_OK + b"a") is None
    assert request.judge(_OK + b"ab") is True
    assert request.judge(_OK + b"ac") is False
    assert request.judge(_OK + b"abc") is False
    assert request.judge(b"HTTP/1.1 500 No\r\n\r\n") is False


def test_an_echo_is_judged_by_its_bytes() -> None:
    judge = echoes(2).judge
    assert judge(ECHO_FRAME) is None
    assert judge(ECHO_FRAME * 2) is True
    assert judge(ECHO_FRAME + b"x" * len(ECHO_FRAME)) is False


def test_a_websocket_must_answer_the_key() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "
    assert is_websocket(head) is None
    assert is_websocket(head + ACCEPTED + b"\r\n\r\n") is True
    assert is_websocket(head + b"another\r\n\r\n") is False
    assert HANDSHAKE.endswith(b"\r\n\r\n")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Of an embedded server."""
    with serving(EMBEDDED) as server:
        yield server.port


def test_requests_and_echoes(port: int) -> None:
    for talk in (requests(JSON), requests(ECHO), echoes(1), echoes(4)):
        load = ask(talk, 2, 0.02, port)
        assert load.done >= 2 * talk.batch
        assert load.latency is not None
        assert 0 < load.latency.p50 <= load.latency.p99 <= load.latency.worst


def test_a_wrong_answer_is_no_figure(port: int) -> None:
    wrong = Request("GET", "/json", "", "something else of the app")
    with pytest.raises(RuntimeError, match="not the answer"):
        ask(requests(wrong), 1, 0.02, port)


@pytest.mark.skipif(wrk_missing() is not None, reason="wrk is not installed")
def test_wrk_looks_at_answers_too(port: int) -> None:
    assert wrk(ECHO, 2, 1, port).done > 0
    with pytest.raises(RuntimeError, match="were wrong"):
        wrk(Request("GET", "/json", "", "something else"), 2, 1, port)


@pytest.mark.parametrize("host", HOSTS)
def test_every_server_answers_and_ends(host: str) -> None:
    if missing := HOSTS[host].missing():
        pytest.skip(missing)
    with serving(host) as server:
        load = ask(requests(JSON), 1, 0.0, server.port)
        assert load.done >= 1
        used = server.cpu_seconds()
        assert used is None or used > 0
        family = server.family()
    assert not any(map(_runs, family))


def test_what_is_not_installed_is_named() -> None:
    entry = Entry(lambda site: None, ("asyncio", "no_such_server"))
    assert entry.missing() == "not installed: no_such_server (no_such_server)"


def test_a_server_ends_with_whoever_started_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.launch", FLOOR],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert int(process.stdout.readline()) > 0
        process.stdin.close()
        assert process.wait(30) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_server_that_hangs_up_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            listener.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(RuntimeError, match="closed the connection"):
            ask(requests(JSON), 1, 0.0, listener.getsockname()[1])
        thread.join()


def test_a_client_at_its_limit_is_told() -> None:
    assert Turn(1.0, 1.0, None, 0.5, 0.95).client_bound
    assert not Turn(1.0, 1.0, None, 0.95, 0.95).client_bound
    assert not Turn(1.0, 1.0, None, 0.5, 0.5).client_bound


def test_interrupted_it_leaves_nothing(tmp_path: Path) -> None:
    """Ended by a signal, it ends its servers; their rings are gone."""
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "transfer", "--quick"],
        cwd=_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        servers = _children(process.pid)
        while not servers and process.poll() is None:
            servers = _children(process.pid)
        process.terminate()
        process.stdout.read()
        assert process.wait(30) == 1
        deadline = time.monotonic() + 30
        while any(map(_runs, servers)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not any(map(_runs, servers))
        assert not list(tmp_path.rglob("*.ring"))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _runs(pid: int) -> bool:
    """Whether it is there, and not only waiting to be taken note of."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
