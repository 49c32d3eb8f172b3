"""What the app prints becomes lines of the log, and is inert on our stderr."""

import httpx
import pytest

from tests.e2e.apps.unruly_app import LONG_LINE
from tests.e2e.conftest import PATIENCE, Record, Recording
from tests.e2e.traces import Trace


def fetch(recording: Recording, path: str) -> str:
    """A request of its own connection."""
    return httpx.get(recording.address + path, timeout=PATIENCE).text


@pytest.fixture
def printed(record: Record) -> tuple[Recording, Trace]:
    """A run that printed everything that may come out of a process."""
    recording = record("unruly_app:app")
    assert fetch(recording, "/output") == "written"
    return recording, recording.finished()


def lines(trace: Trace, stream: str) -> list[str]:
    """The lines of one stream."""
    return [line["text"] for line in trace.of("log") if line["stream"] == stream]


def test_every_line_with_its_stream(printed: tuple[Recording, Trace]) -> None:
    _, trace = printed
    out, err = lines(trace, "stdout"), lines(trace, "stderr")
    assert out[:2] == ["from print", "\x1b[31mred\x1b[0m \x1b]0;title\x07 \\x9b2J bidi \u202e"]
    assert err == ["from logging", "not \\xff\\xfe UTF-8", ""]


def test_a_long_line_is_cut_into_several(printed: tuple[Recording, Trace]) -> None:
    _, trace = printed
    pieces = lines(trace, "stdout")[2:-1]
    assert "".join(pieces) == "a" * LONG_LINE
    assert max(map(len, pieces)) <= 65_536


def test_a_last_line_without_its_newline(printed: tuple[Recording, Trace]) -> None:
    _, trace = printed
    assert lines(trace, "stdout")[-1] == "no newline"


def test_nothing_of_it_reaches_the_terminal_as_it_is(printed: tuple[Recording, Trace]) -> None:
    recording, _ = printed
    assert "from print\n" in recording.stderr
    assert "red" in recording.stderr
    allowed = recording.stderr.replace("\n", "")
    assert allowed.isprintable(), [char for char in allowed if not char.isprintable()]


def test_too_many_lines_at_once_are_counted(record: Record) -> None:
    recording = record("unruly_app:app")
    fetch(recording, "/flood")
    assert recording.stop() == 0
    log = [line["text"] for line in recording.trace() if line["line"] == "log"]
    dropped = [line for line in log if "lines were dropped" in line]
    counts = [int(line.split()[1].replace(",", "")) for line in dropped]
    assert sum(counts) + log.count("") == 60_000


def test_an_app_that_closes_its_stdout(record: Record) -> None:
    recording = record("unruly_app:app")
    assert fetch(recording, "/close-stdout") == "closed"
    assert fetch(recording, "/pid").isdigit()
    trace = recording.finished()
    assert trace.lifespans[0].story[-1] == "return"


def test_output_of_a_process_that_holds_the_pipe_open(record: Record) -> None:
    recording = record("unruly_app:app")
    fetch(recording, "/spawn")
    with pytest.raises(httpx.HTTPError):
        fetch(recording, "/exit-at-once").encode()
    assert recording.wait() == 1
    assert recording.read().notes[0].endswith("exited with status 7")
