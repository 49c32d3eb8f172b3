"""``asgitrace compare-servers`` with servers that run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.versus.test_recorded import body, http, played


def compare(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "asgitrace", "compare-servers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def values(found: dict[str, Any], part: str, name: str, play: str) -> dict[str, str]:
    (row,) = (
        row
        for row in found["facts"]
        if (row["part"], row["name"]) == (part, name) and play in row["exchanges"]
    )
    result: dict[str, str] = row["values"]
    return result


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A request, recorded."""
    path = tmp_path_factory.mktemp("trace") / "t.jsonl"
    recorded = played(http("/caf%C3%A9"), body(b"one"))
    recorded.save(path)
    return path


def test_a_recorded_request_under_two_servers(trace: Path) -> None:
    servers = ("asgitrace", "hypercorn")
    named = [part for server in servers for part in ("--server", server)]
    done = compare("--requests", str(trace), "--json", "--all", *named)
    assert (done.stderr, done.returncode) == ("", 0)
    found = json.loads(done.stdout)
    assert tuple(found["servers"]) == servers
    assert found["did_not_run"] == {}
    play = "#1 POST /caf%C3%A9"
    assert found["exchanges"] == [play, "lifespan"]
    assert values(found, "response", "added server", play) == {
        "asgitrace": "'asgitrace'",
        "hypercorn": "'hypercorn-h11'",
    }
    assert values(found, "events", "request body", play) == {
        "asgitrace": "3 bytes in 1: 3",
        "hypercorn": "3 bytes in 2: 3 + 0",
    }
    ends = values(found, "events", "the app", "lifespan")
    assert {*ends.values()} == {"returns"}
