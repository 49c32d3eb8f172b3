"""Every benchmark runs, with tiny counts; nothing is said about its figures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report import Budget, Row, compared
from benchmarks.series import difference, interleave, ratio

_ROOT = Path(__file__).parents[2]


def run_smoke(name: str, folder: Path) -> dict[str, Any]:
    """Run one benchmark as users do, in a process of its own: some peers leave global state."""
    report = folder / "run.json"
    command = [sys.executable, "-m", "benchmarks", name, "--smoke", "--json", str(report)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    run: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return run


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name",
    [
        "recorder",
        "recorder_parts",
        "recorder_uvicorn",
        "modes",
        "server",
        "idle",
        "transfer",
        "profile",
        "startup",
        "ui",
    ],
)
def test_runs_and_reports(name: str, tmp_path: Path) -> None:
    run = run_smoke(name, tmp_path)
    assert run["machine"]["cpus"] >= 1
    rows = run["benchmarks"][name]["rows"]
    assert rows
    for row in rows:
        # What is not measured says why: a peer that is not installed.
        assert row["rounds"] or row["note"], row


def test_names_no_place_of_the_machine(tmp_path: Path) -> None:
    text = json.dumps(run_smoke("recorder", tmp_path))
    assert str(_ROOT) not in text
    assert sys.prefix not in text


def test_every_variant_has_its_turn_in_every_round() -> None:
    turns: list[str] = []

    def turn(name: str) -> int:
        turns.append(name)
        return len(turns)

    taken = interleave({"a": lambda: turn("a"), "b": lambda: turn("b")}, 2)
    assert turns == ["a", "b", "b", "a"]
    assert taken == {"a": [1, 4], "b": [2, 3]}


def test_ratio_is_that_of_rounds_side_by_side() -> None:
    assert ratio([1.0, 10.0, 3.0], [2.0, 20.0, 3.0]) == 0.5
    assert difference([3.0, 5.0], [1.0, 1.0]) == [2.0, 4.0]


@pytest.mark.parametrize(
    ("budget", "met"),
    [
        (Budget("≤", 0.5, "ratio"), True),
        (Budget("≤", 0.49, "ratio"), False),
        (Budget("≥", 0.5, "ratio"), True),
        (Budget("≥", 0.51, "ratio"), False),
        (Budget("≤", 2.0, "median"), True),
        (Budget("≤", 1.9, "median"), False),
        (None, None),
    ],
)
def test_budgets(budget: Budget | None, met: bool | None) -> None:
    assert compared("x", "µs", [2.0, 2.0], "peer", [4.0, 4.0], budget).met is met


def test_nothing_measured_is_no_verdict() -> None:
    assert Row("x", budget=Budget("≤", 1.0, "median"), note="not installed").met is None
