"""What an app writes is known by exchange, level and logger, in whatever way it is written."""

from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest

from asgitrace.library import load
from tests.e2e.conftest import PATIENCE, Record, recorder
from tests.e2e.traces import Trace

PATHS = (
    "log", "unheard", "through_queue", "tasks", "threads", "direct", "partly", "warn", "redirect",
    "fork", "streams",
)  # fmt: skip


class Talk(NamedTuple):
    """What came of a run of the app."""

    trace: Trace
    stderr: str
    path: str
    """Of the trace file."""

    def said(self, path: str) -> list[tuple[str, str, int, str]]:
        """The lines of the exchange with this path: text, stream, level, logger."""
        (exchange,) = self.trace.exchanges(f"/{path}")
        return self.of(exchange.number)

    def of(self, number: int) -> list[tuple[str, str, int, str]]:
        """The lines of an exchange by its number; of no exchange: 0."""
        return [
            (line["text"], line["stream"], line.get("level", 0), line.get("logger", ""))
            for line in self.trace.of("log")
            if line.get("exchange", 0) == number
        ]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """A run in which everything was asked for once."""
    with recorder(tmp_path_factory.mktemp("talk")) as record:
        recording = record("talking_app:app")
        for path in PATHS:
            answer = httpx.get(f"{recording.address}/{path}", timeout=PATIENCE)
            assert answer.status_code == 200, (path, recording.stderr)
        yield Talk(recording.finished(), recording.stderr, str(recording.output))


def test_log_records(talk: Talk) -> None:
    found = talk.said("log")
    assert found[:4] == [
        ("DEBUG:     looked for tea", "stderr", 10, "shop"),
        ("INFO:     GET /log", "stdout", 20, "shop.access"),
        ("ERROR:     first", "stderr", 40, "shop"),
        ("second", "stderr", 40, "shop"),
    ]
    assert found[4][0] == "ERROR:     no tea"
    assert found[-1] == ("KeyError: 'tea'", "stderr", 40, "shop")
    continued = [
        line.get("continued", False)
        for line in talk.trace.of("log")
        if line.get("logger") == "shop" and line.get("level") == 40
    ]
    assert continued[:3] == [False, True, False]
    assert all(continued[3:])


def test_records_that_no_handler_wrote(talk: Talk) -> None:
    assert talk.said("unheard") == [
        ("to nobody, 1", "log", 30, "silent"),
        ("wrong %d", "log", 40, "silent"),
        ("last resort", "stderr", 30, "lone"),
    ]
    assert "to nobody" not in talk.stderr


def test_a_record_through_a_queue(talk: Talk) -> None:
    assert talk.said("through_queue") == [("through a queue", "stderr", 30, "queued")]


def test_tasks_and_threads(talk: Talk) -> None:
    assert talk.said("tasks") == [
        ("in another thread", "stdout", 0, ""),
        ("WARNING:     in the background", "stderr", 30, "shop"),
    ]
    assert talk.said("threads") == []
    assert ("from a thread", "stdout", 0, "") in talk.of(0)


def test_what_is_written_directly(talk: Talk) -> None:
    assert [text for text, *_ in talk.said("direct")] == ["before", "after", "last"]
    own = ["before", "written", "after", "subprocess", "last"]
    texts = [line["text"] for line in talk.trace.of("log") if line["stream"] == "stdout"]
    assert [text for text in texts if text in own] == own
    assert ("complaint", "stderr", 0, "") in talk.of(0)


def test_lines_in_pieces(talk: Talk) -> None:
    found = talk.said("partly")
    assert found[0] == ("one two", "stdout", 0, "")
    assert ("bytes \\xff", "stdout", 0, "") in found
    assert ("a" * 9_000, "stdout", 0, "") in found
    assert [text for text, stream, *_ in found if stream == "stderr"] == ["x", "y"]


def test_warnings_and_tracebacks(talk: Talk) -> None:
    found = talk.said("warn")
    assert "UserWarning: old" in found[0][0]
    assert found[-1][:2] == ("ValueError: no", "stderr")


def test_a_redirected_stream(talk: Talk) -> None:
    """The app looks itself at what came there."""
    assert talk.said("redirect") == [("here again", "stdout", 0, "")]


def test_a_forked_child(talk: Talk) -> None:
    """It works for whom it likes."""
    assert talk.said("fork") == []
    assert ("WARNING:     forked", "stderr", 30, "shop") in talk.of(0)


def test_streams_are_as_python_makes_them(talk: Talk) -> None:
    assert talk.said("streams") == [("caf\\xe9", "stdout", 0, "")]


def test_what_is_of_no_request(talk: Talk) -> None:
    assert talk.of(0)[0] == ("imported", "stdout", 0, "")
    assert talk.of(1)[0] == ("INFO:     starting", "stderr", 20, "shop")


def test_it_is_found_again(talk: Talk) -> None:
    trace = load(talk.path)
    found = {row.path: row.number for row in trace.filter("log.level>=error")}
    assert list(found) == ["/log", "/unheard"]
    assert [row.path for row in trace.filter('log:"GET /log"')] == ["/log"]
    assert {line.exchange for line in trace.logs if line.logger == "silent"} == {found["/unheard"]}


@pytest.mark.parametrize("way", ["leave", "kill"])
def test_last_words(record: Record, way: str) -> None:
    recording = record("talking_app:app")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{recording.address}/{way}", timeout=PATIENCE)
    assert recording.wait() == 1
    (line,) = (line for line in recording.trace() if line.get("text") == "last words")
    assert line["exchange"] == 2
