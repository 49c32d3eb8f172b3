"""``asgitrace config``."""

import shlex
import sys
from pathlib import Path

import pytest

from asgitrace.cli.main import run
from asgitrace.cli.splash import Splash
from asgitrace.tui.commands import ALL


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration would be; there is none yet."""
    path = tmp_path / "asgitrace" / "config.toml"
    monkeypatch.setenv("ASGITRACE_CONFIG", str(path))
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert run(["config", *arguments], Splash()) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def test_path(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--path") == f"{config}\n"


def test_without_a_file_it_is_the_default(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys)
    assert text == said(capsys, "--default")
    assert "there is no such file yet" in text
    for command in ALL:
        assert f"# {command.name} = " in text
        assert f"# {command.help}" in text


def test_what_is_printed_can_be_the_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.parent.mkdir()
    config.write_text(
        'ascii = true\nsort = "-duration"\n[keys]\npause = "c, ctrl+up"\nlog = ""\n'
        '[filters]\nslow = "dur>1s"\n"a b" = "status=5xx"\n'
    )
    text = said(capsys)
    assert 'copy = "y" ' in text
    assert '(usually "c, y")' in text
    config.write_text(text)
    assert said(capsys) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("\n[keys]\nsvae = 'x'", ", line 3: there is no command 'svae'; did you mean 'save'?"),
        ("[keys]\nsave = 'ctlr+x'", ", line 2: there is no key 'ctlr'; did you mean 'ctrl'?"),
        ("[filters]\n\nbad = 'dur>'", ", line 3: the filter 'bad': "),
        ("columns = ['pahtt']", ", line 1: there is no column 'pahtt'; did you mean 'path'?"),
        ("columns = ['path:x']", ", line 1: 'path:x' is no column with its width"),
        ("ascii = true\nsort = '-durr'", ", line 2: there is no column 'durr'; did you mean"),
        ("[filters]\nnone = ' '", ", line 2: the filter 'none' is empty; take it out."),
    ],
)
def test_mistakes(
    config: Path, capsys: pytest.CaptureFixture[str], text: str, sentence: str
) -> None:
    config.parent.mkdir()
    config.write_text(text)
    assert said(capsys, status=2).startswith(f"asgitrace: {config}{sentence}")


def editor(code: str) -> str:
    return shlex.join([sys.executable, "-c", f"import sys, pathlib as p; {code}"])


def test_edit(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor("f = p.Path(sys.argv[1]); f.write_text('ascii = 3')"))
    assert "line 1: ascii must be true or false" in said(capsys, "--edit", status=2)
    monkeypatch.setenv("VISUAL", editor("print(p.Path(sys.argv[1]).read_text())"))
    config.unlink()
    said(capsys, "--edit")
    assert config.read_text() == said(capsys, "--default")
    assert said(capsys) == said(capsys, "--default")
    monkeypatch.setenv("VISUAL", editor("sys.exit(3)"))
    assert "failed" in said(capsys, "--edit", status=2)
