"""``asgitrace attach`` without a terminal: the table, what is chosen, what is cleaned."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from asgitrace.cli.attachable import look_twice, table
from asgitrace.cli.main import run
from asgitrace.cli.screen import PICK_AGAIN
from asgitrace.cli.splash import Splash
from asgitrace.process.found import find_rings
from asgitrace.ring import About, RingMemory
from asgitrace.ring.layout import MINIMUM_SIZE
from tests.made_up_workers import Workers


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch, workers: Workers) -> None:
    monkeypatch.setattr("asgitrace.cli.attach._BETWEEN", 0.001)


def attach(*arguments: str) -> int:
    return run(["attach", *arguments], Splash())


def test_the_table_is_aligned(workers: Workers) -> None:
    first = workers.start(12, server="uvicorn 0.38.0", cwd="/srv")
    workers.start(123_456, server="uvicorn 0.38.0", cwd="/srv")
    workers.start(7, app="blog:application")
    workers.start(9, app="old:app\x1b[2J", server="granian 2.0.0").call(1)
    workers.kill(9)
    before = find_rings()
    for number in range(50):
        first.exchange(number)
    lines = table(look_twice(before, find_rings(), 0.5))
    assert lines[0].split() == ["APP", "SERVER", "PID", "WORKER", "AGE", "REC/S", "RING", "STATE"]
    assert [line.split()[0] for line in lines[1:4]] == ["blog:application", "shop:app", "shop:app"]
    assert lines[2].split()[:5] == ["shop:app", "uvicorn", "0.38.0", "12", "1"]
    assert lines[2].split()[-3:] == ["200", "39%", "running"]
    assert lines[3].split()[3:5] == ["123456", "2"]
    assert lines[4].split()[-1] == "crashed"
    assert "\x1b" not in lines[4]
    ends = {
        line.index(word)
        for line, word in zip(lines[1:], ["running"] * 3 + ["crashed"], strict=True)
    }
    assert len(ends) == 1


def test_it_is_printed_where_there_is_no_terminal(
    workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    workers.start(11)
    (workers.directory / "12-a.ring").touch()
    for arguments in ((), ("--list",)):
        assert attach(*arguments) == 0
        out, err = capsys.readouterr()
        assert out.splitlines()[1].split()[0] == "shop:app"
        assert "12-a.ring is not a ring file" in err


def test_json_is_for_programs(workers: Workers, capsys: pytest.CaptureFixture[str]) -> None:
    assert attach("--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    worker = workers.start(11, server="uvicorn 0.38.0", ppid=10, argv=("\x9b2J", "shop:app"))
    assert attach("--list", "--json") == 0
    out = capsys.readouterr().out
    assert out.isascii()
    (row,) = json.loads(out)
    assert row["ring"] == str(worker.path)
    assert {name: row[name] for name in ("app", "server", "pid", "ppid", "worker", "state")} == {
        "app": "shop:app",
        "server": "uvicorn 0.38.0",
        "pid": 11,
        "ppid": 10,
        "worker": 0,
        "state": "running",
    }


def test_only_what_is_named_is_listed(workers: Workers, capsys: pytest.CaptureFixture[str]) -> None:
    for pid in (11, 12):
        workers.start(pid)
    workers.start(13, app="blog:app")
    workers.kill(13)
    assert attach("--json", "12") == 0
    assert [(row["pid"], row["worker"]) for row in json.loads(capsys.readouterr().out)] == [(12, 2)]
    assert attach("--list", "--crashed") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["APP", "blog:app"]


@pytest.mark.parametrize("arguments", [(), ("--list",), ("--all",), ("11",), ("--record", "x")])
def test_where_nothing_runs_it_says_how_to(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert attach(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "app = asgitrace.trace(app)" in err
    assert err.count("\n") == 1


def test_what_crashed_is_offered_where_nothing_runs(
    workers: Workers, capsys: pytest.CaptureFixture[str]
) -> None:
    assert attach("--crashed") == 2
    assert "has crashed" in capsys.readouterr().err
    workers.start(11)
    workers.kill(11)
    assert attach("--all", "--record", "-") == 2
    assert "for what 1 process left: asgitrace attach --crashed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--all", "11"), "one of them"),
        (("--all", "--crashed"), "one of them"),
        (("12",), "answers to '12'"),
        (("--count", "1"), "--record FILE"),
        (("--list", "12"), "answers to '12'"),
        (("--list", "--crashed"), "has crashed"),
        (("--clean", "11"), "name nothing"),
    ],
)
def test_mistakes(
    workers: Workers,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    monkeypatch.setattr("asgitrace.cli.attach.is_interactive", lambda: True)
    workers.start(11)
    assert attach(*arguments) == 2
    assert sentence in capsys.readouterr().err


def test_a_recording_of_what_a_crash_has_left(
    workers: Workers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    worker = workers.start(11)
    for number in range(3):
        worker.exchange(number, title=f"/{number}")
    workers.kill(11)
    output = tmp_path / "trace.jsonl"
    assert attach("--record", str(output), "11", "--filter", "path=/1") == 0
    assert "1 of 3 exchanges" in capfd.readouterr().err
    assert b"/1" in output.read_bytes()
    assert b"/2" not in output.read_bytes()
    assert attach("--record", str(output), "11") == 2
    assert attach("--record", str(output), "--force", "--crashed") == 0
    assert b"/2" in output.read_bytes()


def test_a_recording_ends_after_so_many_exchanges(
    workers: Workers, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    workers.start(11).exchange(time.monotonic_ns())
    output = tmp_path / "trace.jsonl"
    assert attach("--record", str(output), "--count", "1") == 0
    assert "1 exchange, 2 events" in capfd.readouterr().err
    # It was not the app that ended.
    assert find_rings()[0].state == "running"


def test_what_a_ring_says_is_inert_on_a_terminal(
    workers: Workers, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    workers.start(11, server="evil\x1b[2J").exchange(5)
    assert attach("--all", "--record", str(tmp_path / "trace"), "--count", "1") == 0
    err = capfd.readouterr().err
    assert "recording evil" in err
    assert "\x1b" not in err


def test_what_is_named_without_a_terminal_is_a_stream(
    workers: Workers, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    workers.start(11).exchange(5, title="/streamed")
    workers.kill(11)
    assert attach("11") == 0
    out, err = capfdbinary.readouterr()
    assert b"/streamed" in out
    assert b"no terminal to draw on" in err


def test_cleaning_removes_what_nobody_writes_and_tells_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    ended.wait()
    folder = tmp_path / "asgitrace"
    RingMemory.create(folder / f"{os.getpid()}-a.ring", MINIMUM_SIZE, About()).close()
    left = folder / f"{ended.pid}-a.ring"
    left.touch()
    assert attach("--clean") == 0
    out, err = capsys.readouterr()
    assert out == f"removed {left}\n"
    assert "1 file" in err
    assert [path.name for path in folder.iterdir()] == [f"{os.getpid()}-a.ring"]
    assert attach("--clean") == 0
    assert capsys.readouterr().out == ""


class TestOnATerminal:
    @pytest.fixture(autouse=True)
    def screen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[list[int]] = []
        monkeypatch.setattr("asgitrace.cli.attach.is_interactive", lambda: True)
        monkeypatch.setattr("asgitrace.cli.screen.show", self.show)

    def show(self, session: object, *_: object, **__: object) -> int:
        selection = session._selection  # type: ignore[attr-defined]
        self.shown.append([ring.pid for ring in selection.choice.rings])
        return 0

    def test_what_is_named_is_opened_at_once(self, workers: Workers) -> None:
        for pid in (11, 12):
            workers.start(pid)
        assert attach("12") == 0
        assert attach("--all") == 0
        assert self.shown == [[12], [11, 12]]

    def test_else_one_chooses(self, workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
        workers.start(11)
        chosen = [None, find_rings()]

        class Picker:
            return_code = 0

            def __init__(self, find: object, **options: object) -> None:
                assert find is find_rings
                self.state = options["state"]

            def run(self) -> object:
                from asgitrace.views.attach.model import Choice

                rings = chosen.pop(0)
                return None if rings is None else Choice(tuple(rings))

        monkeypatch.setattr("asgitrace.tui.attach.picker.PickerApp", Picker)
        monkeypatch.setattr("asgitrace.settings.save_state", lambda state: None)
        assert attach() == 0
        assert self.shown == []
        assert attach() == 0
        assert self.shown == [[11]]

    def test_back_in_the_list_what_the_user_marked_is_marked_still(
        self, workers: Workers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workers.start(11)
        marks: list[object] = []

        class Picker:
            return_code = 0

            def __init__(self, find: object, **options: object) -> None:
                self.state, self.picker = options["state"], self
                self.marked = frozenset({Path("12-a.ring")})
                marks.append(options["marked"])

            def run(self) -> object:
                from asgitrace.views.attach.model import Choice

                return Choice(tuple(find_rings())) if len(marks) == 1 else None

        monkeypatch.setattr("asgitrace.tui.attach.picker.PickerApp", Picker)
        monkeypatch.setattr("asgitrace.settings.save_state", lambda state: None)
        monkeypatch.setattr("asgitrace.cli.screen.show", lambda *_, **__: PICK_AGAIN)
        assert attach() == 0
        assert marks == [(), frozenset({Path("12-a.ring")})]
