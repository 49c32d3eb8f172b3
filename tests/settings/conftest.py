"""A configuration and a state of the test's own."""

from pathlib import Path

import pytest


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the configuration would be; there is none yet."""
    path = tmp_path / "config" / "config.toml"
    monkeypatch.setenv("ASGITRACE_CONFIG", str(path))
    return path


@pytest.fixture
def written(config: Path) -> Path:
    """A configuration as people write them."""
    config.parent.mkdir()
    config.write_text(
        '# mine\ntheme = "light"  # by day\n\n[filters]\n# the slow ones\nslow = "dur>1s"\n\n'
        '[keys]\nsave = "s"\n'
    )
    return config


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the state would be; there is none yet."""
    path = tmp_path / "state" / "state.json"
    monkeypatch.setenv("ASGITRACE_STATE", str(path))
    return path
