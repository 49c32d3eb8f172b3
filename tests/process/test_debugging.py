"""The app's side of a debugger: whose code it looks into, whose turn it is, when it is found."""

import asyncio
import importlib.util
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from asgitrace.process.debugging import Turn, whereabouts
from asgitrace.process.debugging import _Finder as Finder
from asgitrace.process.debugging_terminal import PerThread
from asgitrace.recorder import Recorder, Trace
from asgitrace.ring import RingMemory, RingWriter

if TYPE_CHECKING:
    from types import ModuleType

pytestmark = pytest.mark.anyio


@pytest.fixture
def traced(tmp_path: Path) -> Callable[[Any], Trace]:
    """Wraps an app with a recorder."""
    memory = RingMemory.create(tmp_path / "test.ring", 1024 * 1024)
    recorder = Recorder(RingWriter(memory))
    return lambda app: Trace(app, recorder=recorder)


async def nothing(*_: object) -> Any:
    """A receive and a send that are not used."""


async def call(app: Trace, **scope: object) -> None:
    await app(scope, nothing, nothing)


async def test_the_exchange_of_its_own_frames(traced: Callable[[Any], Trace]) -> None:
    found: list[tuple[int, str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.append(whereabouts(sys._getframe(), 99, None))
        scope.clear()
        found.append(whereabouts(sys._getframe(), 99, None))

    await call(traced(app), type="http", method="PUT", path="/" + "x" * 500)
    await call(traced(app), type="websocket", path="/chat")
    assert found == [(1, f"PUT /{'x' * 195}"), (1, ""), (2, "WS /chat"), (2, "")]


async def test_the_exchange_of_a_thread(traced: Callable[[Any], Trace]) -> None:
    """Its context tells the number, and the loop's tasks whose that is."""
    loop = asyncio.get_running_loop()
    found: list[tuple[int, str]] = []

    def look(number: int) -> None:
        found.append(whereabouts(sys._getframe(), number, loop))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for number in (1, 7, 0):
            await asyncio.to_thread(look, number)

    await asyncio.create_task(call(traced(app), type="lifespan"))
    assert found == [(1, "lifespan"), (7, ""), (0, "")]


def test_turns() -> None:
    """One thread at a time; who had it last has it again before another."""
    turn, order = Turn(), list[str]()
    inside, go_on = threading.Event(), threading.Event()

    def step() -> None:
        with turn.taken():
            assert turn.mine
            inside.set()
            go_on.wait()
            order.append("first")
        with turn.taken():
            order.append("stepped")

    def wait() -> None:
        with turn.taken():
            order.append("second")

    first, second = threading.Thread(target=step), threading.Thread(target=wait)
    first.start()
    inside.wait()
    assert not turn.mine
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert order == ["first", "stepped", "second"]


def test_a_module_is_told_of_once_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "told_of.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    told: list[ModuleType] = []
    finder = Finder("told_of", told.append)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    # Only asked for, as tools do that look around.
    spec = importlib.util.find_spec("told_of")
    assert spec is not None
    assert spec.loader.get_source("told_of") == "value = 1\n"  # type: ignore[union-attr]
    assert importlib.util.find_spec("told_of_nothing") is None
    assert not told
    import told_of  # type: ignore[import-not-found]

    assert told == [told_of]
    assert told_of.value == 1
    assert finder not in sys.meta_path
    assert "_Told" not in repr(told_of.__spec__.loader) + repr(told_of.__loader__)
    monkeypatch.delitem(sys.modules, "told_of")


def test_a_stream_for_one_thread(tmp_path: Path) -> None:
    own, others = (tmp_path / "own").open("w+"), (tmp_path / "others").open("w+")
    with own, others:
        stream: Any = PerThread(threading.get_ident(), own, others)
        stream.write("a\nb\n")
        thread = threading.Thread(target=lambda: stream.write("c"))
        thread.start()
        thread.join()
        stream.seek(0)
        assert next(stream) == "a\n"
        assert list(stream) == ["b\n"]
        others.seek(0)
        assert others.read() == "c"
        assert stream.fileno() == own.fileno()


BARE = """
import contextlib, os, pty, sys, types
from asgitrace.process.debugging_terminal import BorrowedTerminal

asked, there = pty.openpty()
for number in (0, 1):
    os.close(number)
divert = lambda ways: contextlib.nullcontext(print(ways, file=sys.stderr))
terminal = BorrowedTerminal(os.dup(there), divert)
debugger = types.SimpleNamespace(stdin=None, stdout=None)
with terminal.given_to(debugger):
    print("to the terminal", file=debugger.stdout, flush=True)
    os.write(2, b"this too")
for number in (0, 1):
    try:
        os.fstat(number)
    except OSError:
        sys.stderr.write(f"{number} is closed\\n")
seen = b""
while not seen.endswith(b"too"):
    seen += os.read(asked, 100)
sys.stderr.write(repr(seen))
"""


def test_an_app_that_has_closed_its_descriptors() -> None:
    """They are the terminal all the same, and closed again afterwards."""
    ended = subprocess.run([sys.executable, "-c", BARE], capture_output=True, timeout=60)
    assert ended.returncode == 0, ended.stderr.decode()
    ways, *closed, seen = ended.stderr.decode().splitlines()
    assert re.fullmatch(r"\{2: \d+\}", ways)
    assert closed == ["0 is closed", "1 is closed"]
    assert seen == repr(b"to the terminal\r\nthis too")
