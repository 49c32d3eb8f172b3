"""``asgitrace export``: files written anew, all of them or what passes."""

import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from asgitrace.cli.export import FORMS, command
from asgitrace.cli.exporting import Progress
from asgitrace.errors import TraceFileError
from asgitrace.export import open_trace
from asgitrace.export.forms import BY_NAME
from asgitrace.library import Holder, LoadedExchange, load
from asgitrace.store import Store
from benchmarks import big_trace

COUNT = 1000
FIRST = b'{"line":"trace","format":%d,"asgitrace":"0.1.0","created":"2026-01-01T00:00:00Z"}\n'


@pytest.fixture(scope="module")
def sample() -> bytes:
    return big_trace.sample(1)


@pytest.fixture
def path(tmp_path: Path, sample: bytes) -> Path:
    (tmp_path / "in.jsonl").write_bytes(sample)
    return tmp_path / "in.jsonl"


def export(*arguments: str | Path) -> int:
    """Run the command."""
    status: int = command.main(list(map(str, arguments)), standalone_mode=False)
    return status


def test_everything(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(path, "-o", tmp_path / "out") == 0
    assert (tmp_path / "out").read_bytes().partition(b"\n")[2] == path.read_bytes().partition(
        b"\n"
    )[2]
    assert capsys.readouterr().err.startswith(f"asgitrace: {COUNT:,} exchanges, ")


@pytest.mark.parametrize("older", [1, 2])
def test_an_older_format_becomes_the_present_one(
    path: Path, tmp_path: Path, older: int, sample: bytes
) -> None:
    path.write_bytes(FIRST % older + sample.partition(b"\n")[2])
    assert export(path, "-o", tmp_path / "out") == 0
    with open_trace(tmp_path / "out") as reader:
        assert reader.info.format == 3


@pytest.mark.parametrize("memory", ["256m", "1m"])
def test_what_passes_keeps_its_numbers(
    path: Path, tmp_path: Path, memory: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "exc or status=304"
    wanted = load(path).filter(text)
    assert export(path, "--filter", text, "-o", tmp_path / "out", "--memory", memory) == 0
    found = load(tmp_path / "out")
    assert found.numbers == wanted.numbers
    assert [one.row for one in found] == [one.row for one in wanted]
    assert [one.wire for one in found] == [one.wire for one in wanted]
    assert len(found.logs) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"asgitrace: {len(wanted)} of {COUNT:,} exchanges in ")


def test_what_was_noted_and_the_notes_are_kept(path: Path, tmp_path: Path, sample: bytes) -> None:
    lines = sample.splitlines(keepends=True)
    lines[2:2] = [
        b'{"line":"note","row":3,"process":0,"time_ns":5,"status":0,"text":"up"}\n',
        b'{"line":"exchange","row":8,"comment":"odd","process":0,"exchange":1}\n',
        b'{"line":"exchange","row":9,"marked":true,"process":0,"exchange":2}\n',
        b'{"line":"loop","process":0,"time_ns":5,"late_ns":6}\n',
    ]
    path.write_bytes(b"".join(lines))
    assert export(path, "--filter", "mark", "-o", tmp_path / "out") == 0
    found = load(tmp_path / "out")
    assert found.numbers == [3, 9]
    assert found[9].annotation.marked
    assert [lag.late_ns for lag in found.lags] == [6]


def test_from_standard_input_to_standard_output(
    path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with path.open("rb") as given, open(1, "wb", closefd=False) as out:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
        assert export("-", "--filter", "exc") == 0
        sys.stdout.flush()
    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    numbers = [line["row"] for line in lines if line["line"] == "exchange"]
    assert numbers == load(path).filter("exc").numbers


def test_from_a_pipe(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(path.read_bytes()))
    writer.start()
    assert export(tmp_path / "pipe", "--filter", "exc", "-o", tmp_path / "out") == 0
    writer.join()
    assert load(tmp_path / "out").numbers == load(path).filter("exc").numbers


@pytest.mark.parametrize("options", [(), ("--filter", "exc")])
def test_a_damaged_file_is_written_as_far_as_it_goes(
    path: Path, tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\n{}\n")
    assert export(path, *options, "-o", tmp_path / "out") == 1
    assert 0 < len(load(tmp_path / "out")) < COUNT
    assert "What came before it was written." in capsys.readouterr().err
    path.write_bytes(data[:-5])
    assert export(path, *options, "-o", tmp_path / "out", "--force") == 1
    assert "the last one, is cut off" in capsys.readouterr().err


def test_what_cannot_be_read_or_written(path: Path, tmp_path: Path) -> None:
    with pytest.raises(TraceFileError, match="there is a file of that name already"):
        export(path, "-o", path)
    for options in ((), ("--filter", "exc")):
        with pytest.raises(TraceFileError, match="none"):
            export(tmp_path / "none", *options, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_device_is_no_file_to_be_afraid_for(path: Path) -> None:
    assert export(path, "-o", "/dev/null") == 0
    assert Path("/dev/null").is_char_device()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_of_a_terminal(path: Path) -> None:
    terminal, file = Terminal(), io.StringIO()
    with open_trace(path) as reader:
        for out in (terminal, file):
            progress: Any = Progress(out)
            progress.update("judged", reader)
            progress.update("judged", reader)
            progress.say("done")
    assert terminal.getvalue() == "\r\x1b[Kjudged   0% 0 MB\r\x1b[Kasgitrace: done\n"
    assert file.getvalue() == "asgitrace: done\n"


@pytest.mark.parametrize("form", FORMS)
def test_as_text_or_code(form: str, path: Path, tmp_path: Path, capfd: Any) -> None:
    out = tmp_path / f"out.{form}"
    assert export(path, "--format", form, "--filter", "status=200", "-o", out) == 0
    said = capfd.readouterr().err
    assert f" as {form} in {out}" in said
    text = out.read_text()
    assert (text == "") is said.startswith("asgitrace: 0 of")
    assert out.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TraceFileError, match="there is a file of that name already"):
        export(path, "--format", form, "-o", out)
    assert export(path, "--format", form, "--force", "-o", out) == 0
    assert len(out.read_text()) >= len(text)


def test_commands_on_standard_output(path: Path, capfd: Any) -> None:
    assert export(path, "--format", "curl", "--filter", "id<9") == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("curl ")]


def test_forms_are_those_there_are() -> None:
    assert tuple(BY_NAME) == FORMS
    with pytest.raises(ValueError, match="there is no form 'x'"):
        LoadedExchange(Holder(Store(1000)), 1).take_out("x")
    with pytest.raises(ValueError, match="#1: it is no longer kept"):
        LoadedExchange(Holder(Store(1000)), 1).take_out("text")
