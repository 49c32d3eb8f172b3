"""The command line from the outside: one sentence and status 2 for a mistake."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgitrace import __version__

APPS = str(Path(__file__).parents[1] / "e2e" / "apps")


def asgitrace(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "asgitrace", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


def test_version() -> None:
    result = asgitrace("--version")
    assert (result.returncode, result.stdout) == (0, f"asgitrace {__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help(arguments: tuple[str, ...]) -> None:
    result = asgitrace(*arguments)
    assert result.returncode == 0
    assert "MODULE:APP" in result.stdout
    for command in ("run", "record", "open", "export", "demo"):
        assert command in result.stdout


def test_help_of_the_default_command() -> None:
    result = asgitrace("run", "--help")
    assert result.returncode == 0
    for option in ("--reload-dir", "--ssl-certfile", "--ws-max-size", "--body-limit", "--factory"):
        assert option in result.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("no_such_module:app",), "There is no module 'no_such_module'"),
        (("json:nothing", "--port", "0"), "Module 'json' has no attribute 'nothing'"),
        (("json:__name__", "--port", "0"), "is not callable"),
        (("main.py",), "is a file; name the module"),
        (("plain_app:app", "--port", "70000"), "pass a --port up to 65535"),
        (("plain_app:app", "--port", "x"), "'x' is not a valid integer"),
        (("plain_app:app", "--host", "256.1.1.1"), "256.1.1.1"),
        (("plain_app:app", "--ssl-keyfile", "k"), "--ssl-certfile"),
        (("plain_app:app", "--ssl-certfile", "no.pem"), "no.pem"),
        (("plain_app:app", "--buffer", "1"), "A ring of 1 bytes is out of bounds"),
        (("plain_app:app", "--reload-dir", "/no/such"), "The folder '/no/such' to watch"),
        (("plain_app:app", "--nonsense"), "No such option '--nonsense'"),
        (
            ("record", "plain_app:app", "--port", "0", "-o", "/no/such/folder/x.jsonl"),
            "no folder /no/such/folder",
        ),
        (("open", "/no/such.jsonl"), "/no/such.jsonl cannot be opened"),
        (("open", __file__), "is not a trace of asgitrace"),
        (("open", __file__, "--filter", "dur>>3"), "--filter: “>3” cannot stand here"),
        (("export", __file__, "--filter", "nonsense=3"), "There is no field “nonsense”"),
        (("export", __file__), "is not a trace of asgitrace"),
        (("plain_app:app", "--uds", "s", "--port", "80"), "--uds and --host or --port exclude"),
        (("demo",), "the demo needs a terminal"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    command = arguments[0]
    extra = () if command in ("open", "demo", "export") else ("--app-dir", APPS)
    result = asgitrace(*arguments, *extra)
    assert result.returncode == 2, result.stderr
    told = [line for line in result.stderr.splitlines() if sentence in line]
    assert len(told) == 1, result.stderr
    assert told[0].startswith("asgitrace: ")
    assert "Traceback" not in result.stderr


def test_a_port_in_use(busy_port: int) -> None:
    result = asgitrace("record", "plain_app:app", "--app-dir", APPS, "--port", str(busy_port))
    assert result.returncode == 2
    assert f"127.0.0.1:{busy_port} is already in use; stop what listens there" in result.stderr
    assert result.stdout == ""


def test_the_apps_own_traceback_is_shown() -> None:
    result = asgitrace("record", "raising_import:app", "--app-dir", APPS, "--port", "0")
    assert result.returncode == 1
    assert "RuntimeError: this module does not import" in result.stderr
    assert "target.py" not in result.stderr
    assert "(exited with status 1)" in result.stderr


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    precious = tmp_path / "precious.jsonl"
    precious.write_text("mine")
    result = asgitrace(
        "record", "plain_app:app", "--app-dir", APPS, "--port", "0", "-o", str(precious)
    )
    assert result.returncode == 2
    assert "there is a file of that name already" in result.stderr
    assert precious.read_text() == "mine"


def test_where_a_filter_went_wrong_is_shown() -> None:
    result = asgitrace("record", "plain_app:app", "--filter", "status=5xx and dur>>3")
    assert result.returncode == 2
    assert result.stderr.splitlines()[1:] == ["  status=5xx and dur>>3", "                     ^^"]


def test_an_app_that_is_not_there_leaves_no_trace() -> None:
    result = asgitrace("record", "json:nothing", "--port", "0")
    assert result.returncode == 2
    assert result.stdout == ""


def test_what_was_typed_is_inert_in_the_sentence() -> None:
    result = asgitrace("\x1b[31mred:app")
    assert result.returncode == 2
    assert "\x1b" not in result.stderr
