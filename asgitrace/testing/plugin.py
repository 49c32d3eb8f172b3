"""The pytest plugin: fixtures ``asgitrace`` and ``asgitrace_session``, and reports of failed tests.

It is loaded in every run of pytest, so all that it needs is imported when a fixture is used.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from asgitrace.testing.reporting import Traced
    from asgitrace.testing.running import RunningTrace

_OWN: Final = pytest.StashKey["Traced"]()
"""Of a test: what it traced."""
_SESSION: Final = pytest.StashKey["RunningTrace"]()
_RUNNING: Final = pytest.StashKey["Traced"]()
"""What the test that runs now traced."""
_LEAST: Final = 64 * 1024
_MOST: Final = 1024 * 1024 * 1024
"""The fewest and the most bytes of a test's trace."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where traces are saved, and of which tests."""
    group = parser.getgroup("asgitrace", "traces of ASGI apps")
    group.addoption(
        "--asgitrace-dir",
        metavar="DIR",
        help="save the traces of failed tests in this folder; open them with asgitrace open FILE",
    )
    group.addoption(
        "--asgitrace-save",
        choices=("failed", "all"),
        help="of which tests traces are saved in the folder (default: failed)",
    )
    parser.addini("asgitrace_dir", "folder for traces, from the root of the tests", default="")
    parser.addini("asgitrace_save", "traces are saved of tests that failed, or of all", default="")
    parser.addini("asgitrace_buffer", "bytes of a test's trace, e.g. 4M", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse values that cannot be meant, before anything runs."""
    save = config.getini("asgitrace_save")
    if save not in ("", "failed", "all"):
        raise pytest.UsageError(f"asgitrace_save is {save!r}; it can be failed or all.")
    if config.getoption("asgitrace_save") and folder(config) is None:
        raise pytest.UsageError("--asgitrace-save needs a folder: add --asgitrace-dir DIR.")
    _buffer(config)


def folder(config: pytest.Config) -> Path | None:
    """Where traces are saved; None if nowhere."""
    given: str | None = config.getoption("asgitrace_dir")
    if given:
        return config.invocation_params.dir / given
    named: str = config.getini("asgitrace_dir")
    return config.rootpath / named if named else None


def _buffer(config: pytest.Config) -> int:
    """Bytes of a test's trace; 0 where nothing is said. Raises UsageError."""
    given: str = config.getini("asgitrace_buffer")
    if not given:
        return 0
    from asgitrace.errors import OptionError
    from asgitrace.sizes import parse_size

    try:
        size = parse_size(given)
    except OptionError:
        size = 0
    if not _LEAST <= size <= _MOST:
        raise pytest.UsageError(
            f"asgitrace_buffer is {given!r}; it can be a size like 512k or 16M."
        )
    return size


def _new(config: pytest.Config) -> "RunningTrace":
    from asgitrace.testing.running import RING_SIZE, RunningTrace

    return RunningTrace(_buffer(config) or RING_SIZE)


@pytest.fixture
def asgitrace(request: pytest.FixtureRequest) -> "RunningTrace":
    """Wraps ASGI apps in a test, ``client = TestClient(asgitrace(app))``, and is their trace:
    ``asgitrace.exchanges``, ``asgitrace.one("path=/items")``, ``asgitrace.filter("status=5xx")``.
    """
    # It is closed when the test's last report is made: what is torn down before is in it.
    return _traced(request.node).own(_new(request.config))


@pytest.fixture(scope="session")
def asgitrace_session(request: pytest.FixtureRequest) -> "Iterator[RunningTrace]":
    """As ``asgitrace``, for apps that live longer than a test, e.g. in fixtures of a module or the
    session; ``asgitrace_session.this_test`` are the exchanges that began in the present test."""
    trace = request.config.stash[_SESSION] = _new(request.config)
    yield trace
    del request.config.stash[_SESSION]
    trace.close()


def _traced(item: pytest.Item) -> "Traced":
    from asgitrace.testing.reporting import Traced

    return item.stash.setdefault(_OWN, Traced())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """From here on, assertions that fail are this test's, and exchanges of the session's apps."""
    shared = item.config.stash.get(_SESSION, None)
    if shared is not None and "asgitrace_session" in getattr(item, "fixturenames", ()):
        shared.begin_test()
        _traced(item).shared(shared)
    if _OWN in item.stash:
        item.config.stash[_RUNNING] = item.stash[_OWN]
    try:
        return (yield)
    finally:
        if _OWN in item.stash:
            del item.config.stash[_RUNNING]


@pytest.hookimpl(wrapper=True)
def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> Generator[None, list[list[str]], list[list[str]]]:
    """Where a value is an exchange's, show the exchange."""
    found = yield
    traced = config.stash.get(_RUNNING, None)
    if traced is None:
        return found
    long = config.get_verbosity(config.VERBOSITY_ASSERTIONS) > 1
    return traced.explain(found, op, left, right, long=long)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what was traced to the report of a failure, and save it when the test is over."""
    report = yield
    traced = item.stash.get(_OWN, None)
    if traced is not None:
        wanted = item.config.getoption("asgitrace_save") or item.config.getini("asgitrace_save")
        traced.report(report, folder(item.config), save_all=wanted == "all")
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say where the traces are, and how they are opened."""
    reports = (one for found in terminalreporter.stats.values() for one in found)
    # Attributes of a report come through from the workers of xdist.
    files = {file: None for one in reports for file in getattr(one, "asgitrace_files", ())}
    if files:
        from asgitrace.testing.reporting import commands

        terminalreporter.section("traces")
        for line in commands(list(files), config.invocation_params.dir):
            terminalreporter.write_line(line)
