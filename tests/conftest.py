"""For all tests: nobody's own configuration is read or written, and nothing depends on how fast the
machine is."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

_UNCOUNTED: Final = {
    "benchmarks",
    "conformance",
    "e2e",
    "frameworks",
    "tui",
    "store/test_memory.py",
}
"""Folders and modules whose tests are not looked at when coverage is: they spend their time in
other people's code, in other processes or in loops, and looking makes that twice as long."""

_COUNTED: Final = {
    "tui/attach",
    "tui/detail",
    "tui/filter",
    "tui/search",
    "tui/test_keyboard_walk.py",
    "tui/test_mouse_walk.py",
    "tui/test_tour.py",
}
"""What counts in them all the same: what goes through the whole product, or has most branches."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Coverage is of the tests that are close to what they prove, and do it once: not of those
    that take their examples at random."""
    for item in items:
        if not _is_counted(item):
            item.add_marker("no_cover")


def _is_counted(item: pytest.Item) -> bool:
    path = item.path.relative_to(Path(__file__).parent)
    names = {part.as_posix() for part in (path, *path.parents)}
    if names & _UNCOUNTED:
        return bool(names & _COUNTED)
    return not (isinstance(item, pytest.Function) and is_hypothesis_test(item.obj))


@pytest.fixture(autouse=True, scope="session")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Configuration and state are in a folder of the tests."""
    folder = tmp_path_factory.mktemp("settings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASGITRACE_CONFIG", str(folder / "config.toml"))
        patch.setenv("ASGITRACE_STATE", str(folder / "state.json"))
        yield
