"""What importing asgitrace brings into a user's process."""

import subprocess
import sys

import pytest

import asgitrace
from asgitrace.library import LoadedTrace, load
from asgitrace.recorder import Trace
from asgitrace.tracing import trace

HEAVY = {"click", "h11", "lark", "numpy", "rich", "textual", "watchfiles", "wsproto"}


def imported_by(statement: str) -> set[str]:
    """The top-level modules that are loaded after a statement in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    ["import asgitrace", "import asgitrace; asgitrace.trace", "import asgitrace.recorder"],
)
def test_an_app_that_traces_itself_loads_nothing_heavy(statement: str) -> None:
    assert not imported_by(statement) & HEAVY


def test_events_ring_and_recorder_use_no_other_package_than_msgspec() -> None:
    # msgspec loads typing_extensions where it finds it.
    added = imported_by("import asgitrace.events, asgitrace.ring, asgitrace.recorder")
    assert added - imported_by("import msgspec") - sys.stdlib_module_names == {"asgitrace"}


def test_the_recorder_is_loaded_only_when_it_is_asked_for() -> None:
    assert "msgspec" not in imported_by("import asgitrace")


def test_no_event_loop_is_loaded_by_the_recorder() -> None:
    assert not imported_by("import asgitrace.recorder") & {"anyio", "asyncio", "trio"}


def test_the_library_is_loaded_only_when_it_is_asked_for() -> None:
    assert "numpy" not in imported_by("import asgitrace")
    loaded = imported_by("import asgitrace; asgitrace.load")
    assert not loaded & {"click", "h11", "textual", "watchfiles", "wsproto"}
    assert asgitrace.load is load
    assert asgitrace.LoadedTrace is LoadedTrace


def test_the_public_names_are_the_recorder_s() -> None:
    assert asgitrace.trace is trace
    assert asgitrace.Trace is Trace
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = asgitrace.nonsense
