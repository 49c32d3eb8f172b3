"""``record --filter`` on a real app: what passes is in the file, and all of it; the loop's lateness
too."""

import contextlib
from pathlib import Path

import httpx

from asgitrace.events import Kind
from asgitrace.ring import RingReader
from tests.e2e.conftest import PATIENCE, Record, eventually, rings
from tests.e2e.traces import Trace


def test_only_what_passes_is_recorded(record: Record) -> None:
    recording = record("plain_app:app", "--filter", "path=/body")
    with httpx.Client(base_url=recording.address, timeout=PATIENCE) as client:
        for path in ("/", "/body", "/other", "/body"):
            client.post(path, content=b"hello")
    assert recording.stop() == 0
    trace = Trace(recording.trace())
    paths = [line["scope"]["path"] for line in trace.of("event") if line["event"] == "scope"]
    assert paths == ["/body", "/body"]
    assert [line["wire"] for line in trace.of("wire")].count("opened") == 1
    assert "2 of 4 exchanges in " in recording.stderr


def test_the_end_comes_by_the_number_of_those_that_pass(record: Record) -> None:
    recording = record("plain_app:app", "--filter", "path=/body", "--count", "1")
    httpx.get(recording.address + "/other", timeout=PATIENCE)
    httpx.get(recording.address + "/body", timeout=PATIENCE)
    assert recording.wait() == 0
    assert "1 of 2 exchanges in " in recording.stderr


def test_the_loop_tells_how_late_it_was(record: Record, tmp_path: Path) -> None:
    recording = record("plain_app:app")
    recording.said("recording ")
    (ring,) = rings(tmp_path)
    eventually(lambda: _told(ring), "a record of the loop")
    (first, *_) = recording.finished().of("loop")
    assert first["process"] == 0
    assert 0 <= first["late_ns"] < PATIENCE * 1e9


def test_of_those_that_sampling_leaves_out_the_failed_are_recorded(record: Record) -> None:
    recording = record("worker_app:bare", "--sample", "0", "--keep-errors")
    for path in ("/", "/fails", "/"):
        httpx.get(recording.address + path, timeout=PATIENCE)
    assert recording.stop() == 0
    scopes = [event["scope"] for event in recording.events() if event["event"] == "scope"]
    assert [scope.get("path", scope["type"]) for scope in scopes] == ["lifespan", "/fails"]
    kinds = [event["event"] for event in recording.events("/fails")]
    # A send that suspends is told twice.
    assert (kinds[0], set(kinds[1:-1]), kinds[-1]) == ("scope", {"send"}, "return")
    assert "With --sample the wire is not recorded." in recording.stderr


def _told(ring: Path) -> bool:
    """Whether the loop of the app has told how late it was; the file is written in large pieces."""
    with contextlib.closing(RingReader.open(ring)) as reader:
        return any(record.header.kind == Kind.LOOP for record in reader.poll().records())
