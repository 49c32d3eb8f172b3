"""What a process of another server tells, whether or not there is somebody to hear it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgitrace.errors import OptionError
from asgitrace.process.served_worker import Superior, load_served
from asgitrace.process.spec import REPORTS, SERVED, Denied, Loaded


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[int]:
    """The end of the pipe that reports come out of."""
    os.mkfifo(tmp_path / REPORTS)
    end = os.open(tmp_path / REPORTS, os.O_RDONLY | os.O_NONBLOCK)
    yield end
    os.close(end)


def test_a_report(tmp_path: Path, reports: int) -> None:
    Superior(tmp_path).report(Loaded(7))
    assert os.read(reports, 100) == b'{"type":"loaded","pid":7}\n'


def test_nobody_hears(tmp_path: Path) -> None:
    superior = Superior(tmp_path / "gone")
    superior.report(Loaded(7))
    assert superior.first_to_say("traceback")
    os.mkfifo(tmp_path / REPORTS)
    Superior(tmp_path).report(Loaded(7))


def test_a_pipe_that_is_full(tmp_path: Path, reports: int) -> None:
    superior = Superior(tmp_path)
    for _ in range(5000):
        superior.report(Loaded(7))
    assert os.read(reports, 1 << 20).endswith(b"}\n")


def test_what_needs_to_be_said_only_once(tmp_path: Path) -> None:
    assert Superior(tmp_path).first_to_say("traceback")
    assert not Superior(tmp_path).first_to_say("traceback")
    assert Superior(tmp_path).first_to_say("interface")


def test_there_is_no_terminal(tmp_path: Path) -> None:
    assert Superior(tmp_path).ask(Loaded(7)) == (Denied(), None)


def test_who_imports_the_app_without_asgitrace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SERVED, raising=False)
    with pytest.raises(OptionError, match="run: asgitrace module:app --server uvicorn"):
        load_served()


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, asgitrace.process.served_worker\n"
        "heavy = {'numpy', 'textual', 'rich', 'click', 'h11', 'wsproto', 'watchfiles', 'lark'}\n"
        "assert not heavy & {*sys.modules}, heavy & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
