"""What is refused before anything is started: one sentence and status 2."""

import importlib.util
import socket
from pathlib import Path

import pytest

from asgitrace.cli.main import run
from asgitrace.cli.splash import Splash

APPS = str(Path(__file__).parents[1] / "e2e" / "apps")
RECORD = ("record", "plain_app:app", "--app-dir", APPS)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that is said."""
    assert run([*RECORD, *arguments], Splash()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    return line.removeprefix("asgitrace: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--server", "unit"), "There is no server 'unit' that asgitrace knows; there are "
         "uvicorn, hypercorn, granian, daphne, gunicorn."),
        (("--workers", "2"), "asgitrace's own server is one process; for --workers pass --server, "
         "too, for example --server uvicorn."),
        (("--", "--log-level", "debug"), "'--log-level' is one argument too many; only with "
         "--server NAME there may be more, for that server, behind --."),
        (("--server", "daphne", "--workers", "2"), "daphne runs in one process; leave --workers "
         "out, or take another --server."),
        (("--server", "uvicorn", "--wire", "bytes"), "--wire is for asgitrace's own server; "
         "uvicorn takes its own options behind --."),
        (("--server", "hypercorn", "--ws-max-size", "1MiB"), "--ws-max-size is for asgitrace's own "
         "server; hypercorn takes its own options behind --."),
        (("--server", "uvicorn", "--fd", "3"), "--fd is for asgitrace's own server; "
         "pass --host and --port, or --uds."),
        (("--server", "uvicorn", "--", "--port", "1"), "--port is not uvicorn's to be told behind "
         "--: asgitrace has options of its own for where to listen, workers, reload and the app, "
         "before the --."),
    ],
)  # fmt: skip
def test_a_mistake(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    place = () if "--fd" in arguments else ("--port", "0")
    assert refusal(capsys, *place, *arguments) == sentence


def test_a_server_that_is_not_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert refusal(capsys, "--server", "granian") == (
        "granian is not installed where asgitrace is; install it with: pip install granian."
    )


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        assert refusal(capsys, "--server", "uvicorn", "--port", str(port)) == (
            f"127.0.0.1:{port} is already in use; stop what listens there or pass --port."
        )
