"""When a recording ends by itself, where it goes, and what is kept of what it records."""

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from asgitrace.cli.main import run
from tests.e2e.conftest import (
    APPS,
    PATIENCE,
    Record,
    environment,
    eventually,
    free_port,
    is_alive,
    is_open,
    rings,
)
from tests.e2e.traces import Trace


def test_so_many_exchanges(record: Record, tmp_path: Path) -> None:
    recording = record("plain_app:app", "--count", "3")
    with httpx.Client(base_url=recording.address, timeout=PATIENCE) as client:
        for number in range(3):
            client.get(f"/{number}")
    assert recording.wait() == 0, recording.stderr
    trace = recording.read()
    assert [one.path for one in trace.exchanges()] == ["", "/0", "/1", "/2"]
    assert trace.lifespans[0].story[-1] == "return"
    assert rings(tmp_path) == []


def test_so_long(record: Record) -> None:
    recording = record("plain_app:app", "--for", "10ms")
    assert recording.wait() == 0, recording.stderr
    assert recording.read().notes


def test_a_body_is_kept_up_to_the_limit(record: Record) -> None:
    recording = record("plain_app:app", "--body-limit", "100")
    body = bytes(range(256))
    assert httpx.post(recording.address + "/body", content=body).content == body
    assert httpx.post(recording.address + "/body", content=body[:100]).content == body[:100]
    trace = recording.finished()
    large, small = trace.exchanges("/body")
    (start,) = large.of("http.response.start")
    assert start.get("truncated") is None
    for kind in ("http.request", "http.response.body"):
        (event,) = large.of(kind)
        assert (event["size"], event["truncated"]) == (256, True)
        kept = event["message"]["body"]
        assert small.of(kind)[0].get("truncated") is None
        assert kept == small.of(kind)[0]["message"]["body"]
    assert small.request_body == small.response_body == body[:100]


def test_nothing_of_a_body(record: Record) -> None:
    recording = record("plain_app:app", "--body-limit", "0")
    httpx.post(recording.address + "/body", content=b"secret")
    (event,) = recording.finished().exchange("/body").of("http.request")
    assert (event["size"], event["truncated"], event["message"]["body"]) == (6, True, "")


def test_a_ring_too_small_for_what_comes_says_how_much_was_missed(record: Record) -> None:
    recording = record("plain_app:app", "--buffer", "64KiB", "--body-limit", "1MiB")
    address = recording.address + "/chunks?n=4000&size=1000"
    assert len(httpx.get(address, timeout=PATIENCE).content) == 4_000_000
    trace = recording.finished()
    assert trace.of("missed")
    assert "missed" in recording.stderr


def command(*arguments: str) -> list[str]:
    """asgitrace on the plain app, on a free port."""
    return [
        *(sys.executable, "-m", "asgitrace", *arguments),
        *("plain_app:app", "--app-dir", str(APPS), "--port", "0"),
    ]


@pytest.mark.parametrize("arguments", [("record",), ("record", "-o", "-"), ("run",), ()])
def test_a_stream_on_standard_output(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Line by line, while it happens."""
    process = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        said: list[str] = []
        while not said or "recording http" not in said[-1]:
            said.append(process.stderr.readline())
            assert said[-1]
        address = said[-1].split()[-1]
        assert httpx.get(address + "/live", timeout=PATIENCE).status_code == 404
        lines: list[dict[str, Any]] = []
        # Up to the last of it: what is read ahead is lost to communicate().
        while not lines or lines[-1].get("wire") != "closed":
            lines.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
    lines += [json.loads(line) for line in out.splitlines()]
    trace = Trace.check(lines)
    assert trace.exchange("/live").status == 404
    assert trace.lifespans[0].story[-1] == "return"
    no_terminal = "no terminal to draw on; writing the trace to standard output as JSON lines"
    assert (no_terminal in "".join(said)) == (arguments in ((), ("run",)))
    assert "1 exchange, " in err
    assert rings(tmp_path) == []


def test_into_head(tmp_path: Path) -> None:
    """``asgitrace record … | head -n 3``: a reader that has seen enough is no mistake."""
    port = free_port()
    writer = subprocess.Popen(
        [*command("record"), "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
    )
    head = subprocess.Popen(["head", "-n", "3"], stdin=writer.stdout, stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.close()
        shown, _ = head.communicate(timeout=PATIENCE)
        lines = [json.loads(line) for line in shown.splitlines()]
        assert [line["line"] for line in lines] == ["trace", "process", "event"]

        def visit() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
            return writer.poll() is not None

        eventually(visit, "the end of the stream")
        _, rest = writer.communicate(timeout=PATIENCE)
    finally:
        for process in (writer, head):
            process.kill()
            process.communicate()
    assert writer.returncode == 0, rest
    assert b"Traceback" not in rest
    assert b"Broken" not in rest
    assert rings(tmp_path) == []
    assert not is_alive(lines[1]["pid"])
    assert not is_open(port)


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here, a disk that is always full")
    result = subprocess.run(
        [*command("record"), "-o", "/dev/full", "--force"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(tmp_path),
        check=False,
    )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stderr.splitlines()[-1].startswith("asgitrace: ")
    assert rings(tmp_path) == []


def test_a_saved_recording_needs_a_terminal_to_be_shown(
    record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = record("plain_app:app", "--for", "10ms")
    assert recording.wait() == 0
    from asgitrace.cli.splash import Splash

    assert run(["open", str(recording.output)], Splash()) == 2
    assert "There is no terminal to show" in capsys.readouterr().err
