"""The command line of ``asgitrace compare-servers``; it runs no server here."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from asgitrace.cli.main import run
from asgitrace.cli.splash import Splash
from asgitrace.process.spec import AppSpec
from asgitrace.versus.plays import Heard, Play
from asgitrace.versus.running import Played, Run

TWO = ("--server", "asgitrace", "--server", "uvicorn")
PROBE = "asgitrace.versus.probe:app"


class Runs:
    """In place of servers: each hears its own name."""

    failure = ""

    def __init__(self) -> None:
        self.specs: list[AppSpec] = []
        self.plays: Sequence[Play] = ()

    def __call__(
        self, server: str, spec: AppSpec, plays: Sequence[Play], progress: Callable[[str], None]
    ) -> Run:
        self.specs.append(spec)
        self.plays = plays
        heard = Heard(200, "1.1", ((b"Server", server.encode()),), end="kept")
        progress("GET")
        return Run(
            server, "1", {one.name: Played(heard, None) for one in plays}, None, self.failure
        )


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    monkeypatch.setattr("asgitrace.versus.running.run_under", runs)
    return runs


def command(*arguments: str) -> int:
    return run(["compare-servers", *arguments], Splash())


def test_the_probe_and_all_exchanges(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(*TWO) == 0
    assert runs.specs[0].target == PROBE
    assert "app raises" in [one.name for one in runs.plays]
    shown = capsys.readouterr().out
    assert shown.startswith("The probe under asgitrace 1, uvicorn 1: 34 exchanges compared")
    assert "connection after it" not in shown


def test_an_app_and_json(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(PROBE, "--json", "--all", "--factory", *TWO) == 0
    assert runs.specs[0].factory
    assert "app raises" not in [one.name for one in runs.plays]
    found = json.loads(capsys.readouterr().out)
    assert found["target"] == PROBE
    assert "connection after it" in [fact["name"] for fact in found["facts"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothere:app", *TWO), "There is no module 'nothere'"),
        (("--server", "nginx"), "There is no server 'nginx'"),
        (("--server", "asgitrace"), "a comparison needs another server: add --server uvicorn."),
        ((*TWO, "--requests", "nothere.jsonl"), "there is no such file"),
    ],
)
def test_mistakes(
    runs: Runs, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert command(*arguments) == 2
    assert words in capsys.readouterr().err
    assert not runs.specs


def test_an_app_that_runs_nowhere(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    runs.failure = "app:app cannot be imported."
    assert command(*TWO) == 2
    why = "asgitrace: Nothing is compared: under asgitrace: app:app cannot be imported.\n"
    assert capsys.readouterr().err == why


def test_what_is_left_out_of_a_trace(
    runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from tests.versus.test_recorded import body, http, played

    played(http("/a"), body(b"one")).save(tmp_path / "t.jsonl")
    assert command(*TWO, "--requests", str(tmp_path / "t.jsonl")) == 0
    assert [one.name for one in runs.plays] == ["#1 POST /a"]
    assert "left out" not in capsys.readouterr().err
