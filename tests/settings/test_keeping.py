"""The state from one run to the next."""

import stat
from pathlib import Path

import pytest

from asgitrace.settings import ColumnState, State, load_state, save_state


def test_there_and_back(state: Path) -> None:
    kept = State(
        theme="ansi",
        layout="beside",
        share_below=55,
        columns=[ColumnState("path", 40)],
        sort="-duration",
        waterfall="axis",
        history=["status=5xx", "päth"],
    )
    save_state(kept)
    assert load_state() == kept
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    assert list(state.parent.iterdir()) == [state]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"theme": 1}', b'{"history": [1]}', b"\xff", b"[]", b"[" * 100_000, None],
)
def test_what_is_broken_is_forgotten(state: Path, content: bytes | None) -> None:
    if content is None:
        state.mkdir(parents=True)
    else:
        state.parent.mkdir()
        state.write_bytes(content)
    assert load_state() == State()


def test_what_is_not_known_any_more_is_as_usual(state: Path) -> None:
    state.parent.mkdir()
    state.write_text('{"theme": "solar", "layout": "beside", "gone": 1, "waterfall": "wide"}')
    assert load_state() == State(layout="beside")


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASGITRACE_STATE", str(tmp_path / "file" / "state.json"))
    save_state(State())
    assert load_state() == State()


def test_the_platforms_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    from asgitrace.settings import config_file, state_file

    for name in ("ASGITRACE_CONFIG", "ASGITRACE_STATE"):
        monkeypatch.delenv(name)
    assert config_file().parts[-2:] == ("asgitrace", "config.toml")
    assert state_file().name == "state.json"
