"""``--fd``: a parent binds a socket and passes it on."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import APPS, PATIENCE, environment
from tests.e2e.traces import Trace


@contextlib.contextmanager
def started(
    folder: Path, *options: str, fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """``asgitrace record`` with these options and descriptors."""
    command = [
        *(sys.executable, "-m", "asgitrace", "record", "plain_app:app"),
        *("-o", str(folder / "trace.jsonl"), "--app-dir", str(APPS), "--wire", "off", *options),
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(folder),
        pass_fds=fds,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_for(process: subprocess.Popen[str], pattern: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if re.search(pattern, line):
            return
    pytest.fail(f"{pattern} was never said")


def finished(process: subprocess.Popen[str], folder: Path) -> Trace:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return Trace.load(folder / "trace.jsonl")


def test_a_tcp_socket(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        fd = listener.fileno()
        with started(tmp_path, "--fd", str(fd), fds=(fd,)) as process:
            wait_for(process, f"recording http://{host}:{port}")
            reply = httpx.post(f"http://{host}:{port}/body", content=b"tea", timeout=PATIENCE)
            assert reply.content == b"tea"
            trace = finished(process, tmp_path)
        assert trace.exchange("/body").scope["server"] == [host, port]


def test_a_unix_socket_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        fd = listener.fileno()
        with started(tmp_path, "--fd", str(fd), fds=(fd,)) as process:
            wait_for(process, f"recording unix:{path}")
            transport = httpx.HTTPTransport(uds=str(path))
            with httpx.Client(transport=transport, timeout=PATIENCE) as client:
                assert client.post("http://site/body", content=b"tea").content == b"tea"
            finished(process, tmp_path)
    assert path.is_socket()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fd", "99"), "file descriptor 99 is not open; pass another --fd."),
        (("--fd", "0"), "file descriptor 0 is not a socket; pass another --fd."),
        (("--fd", "3", "--uds", "x"), "--fd and --uds exclude each other; pass one of them."),
    ],
)
def test_mistakes_are_one_sentence(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    with started(tmp_path, *options) as process:
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert stderr.splitlines()[-1].endswith(message)
    assert "Traceback" not in stderr
