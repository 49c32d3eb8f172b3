"""Named filters in the user's own file."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.errors import SettingsError
from asgitrace.settings import load, remove_filter, save_filter


def test_the_first_one_makes_the_file(config: Path) -> None:
    save_filter("errors", "status=5xx or exc")
    assert load().filters == {"errors": "status=5xx or exc"}
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


def test_the_rest_stays_as_it_was(written: Path) -> None:
    before = written.read_text()
    save_filter("slow", "dur>2s")
    assert written.read_text() == before.replace("1s", "2s")
    save_filter("new", 'path:"a b"')
    text = written.read_text()
    assert "# by day" in text
    assert "# the slow ones" in text
    assert load().filters == {"slow": "dur>2s", "new": 'path:"a b"'}
    remove_filter("new")
    remove_filter("new")
    assert load().filters == {"slow": "dur>2s"}
    assert load().keys == {"save": "s"}


@pytest.mark.parametrize("text", ["filters = {a = 'b'} # c\n", "filters.a = 'b'\n", "[filters]"])
def test_however_it_is_written(config: Path, text: str) -> None:
    config.parent.mkdir()
    config.write_text(text)
    before = load().filters
    save_filter("x", "y")
    assert load().filters == {**before, "x": "y"}


def test_a_broken_file_is_left_alone(written: Path) -> None:
    written.write_text("theme = \n")
    with pytest.raises(SettingsError, match="line 1"):
        save_filter("x", "y")
    assert written.read_text() == "theme = \n"


def test_a_link_stays_one(written: Path, tmp_path: Path) -> None:
    own = tmp_path / "dotfiles.toml"
    written.rename(own)
    written.symlink_to(own)
    save_filter("x", "y")
    assert written.is_symlink()
    assert tomllib.loads(own.read_text())["filters"]["x"] == "y"


def test_a_disk_that_is_full(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written.read_text()

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SettingsError, match="cannot be written: No space left on device"):
        save_filter("x", "y")
    assert written.read_text() == before
    assert list(written.parent.iterdir()) == [written]


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=_text, text=_text)
def test_any_name_and_text(config: Path, name: str, text: str) -> None:
    config.parent.mkdir(exist_ok=True)
    config.write_text('# mine\n[filters]\nfirst = "x"\n[keys]\nsave = "s"\n')
    save_filter(name, text)
    assert load().filters == {"first": "x", name: text}
    remove_filter(name)
    assert "# mine" in config.read_text()
