"""Recording without a screen: what is counted, and what is said while it goes on."""

import io
from pathlib import Path

import pytest

from asgitrace.cli.headless import ExportSink, Progress, Tally
from asgitrace.events import Kind, pack_identity, pack_what
from asgitrace.ring import RingMemory, RingReader, RingWriter, encode
from asgitrace.store.model import LogLine
from asgitrace.store.session import SessionStatus
from asgitrace.wire import Wire
from tests.cli.collected import Collected

SERVING = SessionStatus("serving", "http://127.0.0.1:8000")


class Screen(io.StringIO):
    """Standard error on a terminal."""

    def isatty(self) -> bool:
        return True


def test_exchanges_are_counted_when_they_end_and_the_lifespan_is_none(tmp_path: Path) -> None:
    """A request whose method is the word ``lifespan`` is one, though, and one that was refused."""
    memory = RingMemory.create(tmp_path / "1-a.ring", 1 << 20)
    write = RingWriter(memory).write
    scopes = ({"type": "lifespan"}, {"type": "http", "method": "lifespan"}, {"type": "websocket"})
    for exchange, scope in enumerate(scopes, start=1):
        write(pack_what(Kind.SCOPE), 0, pack_identity(exchange, 0), 1, 1, 0, encode(scope))
    for exchange in (0, 4):
        refused = pack_what(Kind.WIRE, message=Wire.REFUSED)
        write(refused, 400, pack_identity(exchange, 1), 2, 2, 0, b"")
    for exchange in (1, 2):
        write(pack_what(Kind.RETURN), 0, pack_identity(exchange, 0), 2, 2, 0, b"")
    write(pack_what(Kind.LOOP), 0, 0, 2, 3, 0, b"")
    reader = RingReader.open(tmp_path / "1-a.ring")
    collected = Collected()
    sink = ExportSink(collected, lambda line: None)
    process = sink.add_process(7, reader.layout.anchor, "shop:app")
    sink.take(process.source, reader.poll())
    reader.close()
    memory.close()
    assert sink.tally == Tally(exchanges=2, events=5, wire=2, missed=0)
    assert collected.processes == [process]
    assert len(collected.records) == 8


def test_lines_and_notes_are_handed_on() -> None:
    collected, shown = Collected(), list[LogLine]()
    sink = ExportSink(collected, shown.append)
    line = LogLine(0, 1, "stdout", "ready")
    sink.log(line)
    sink.end_process(0, -9, "killed by SIGKILL", 5)
    assert collected.lines == shown == [line]
    assert [(note.status, note.text) for note in collected.notes] == [(-9, "killed by SIGKILL")]


def test_a_terminal_has_one_line_that_changes() -> None:
    screen = Screen()
    progress = Progress(screen)
    progress.update(Tally(1, 5, 1, 2), SERVING, idle=False)
    progress.update(Tally(9, 9, 9, 9), SERVING, idle=False)  # too soon after
    line = "● http://127.0.0.1:8000 · 1 exchange · 5 events · 1 wire event · 2 missed"
    assert screen.getvalue() == f"\r\x1b[K{line}"
    progress.say("done")
    assert screen.getvalue() == f"\r\x1b[K{line}\r\x1b[Kasgitrace: done\n"


def test_elsewhere_only_a_change_is_said() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.update(Tally(), SessionStatus("starting", "http://127.0.0.1:8000"), idle=False)
    for count in range(3):
        progress.update(Tally(count), SERVING, idle=False)
    failed = SessionStatus("failed", "http://127.0.0.1:8000", "It broke.")
    progress.update(Tally(), failed, idle=False)
    progress.update(Tally(), failed, idle=True)
    assert out.getvalue().splitlines() == [
        "asgitrace: starting",
        "asgitrace: recording http://127.0.0.1:8000",
        "asgitrace: failed",
        "asgitrace: It broke. Waiting for a change.",
    ]


@pytest.mark.parametrize("text", ["\x1b[2J", "\x1b]0;title\x07", "\x9b2J", "\u202e"])
def test_output_of_the_app_is_inert(text: str) -> None:
    out = io.StringIO()
    Progress(out).show_line(LogLine(0, 0, "stdout", f"a{text}b"))
    assert out.getvalue().removesuffix("\n").isprintable()
