"""A debugger in the app: it has the terminal, and whatever becomes of it, the terminal and the
processes are left in order."""

import contextlib
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import APPS, PATIENCE, Record, environment, eventually, is_alive, rings
from tests.e2e.terminal import Terminal, terminal
from tests.e2e.traces import Trace

ON = "the alternate screen is on"
MISSED = 5.0
"""Seconds after which an interrupt that was not heard was missed, and not only late."""

Ask = Callable[[str, str], "Future[str]"]
Run = Callable[..., Terminal]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start asgitrace on the app in a terminal; killed at the end where it still runs."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str, app_dir: Path = APPS, **variables: str) -> Terminal:
            command = [sys.executable, "-m", "asgitrace", *arguments, "--app-dir", str(app_dir)]
            around = {**environment(tmp_path), "PYTHONUNBUFFERED": "", **variables}
            return stack.enter_context(terminal([*command, "--port", "0"], around, tmp_path))

        yield start


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Ask for a page in a thread; what the server does not answer is an empty page."""
    pool = ThreadPoolExecutor(4)

    def fetch(url: str, path: str) -> str:
        try:
            return httpx.get(url + path, timeout=PATIENCE).text
        except httpx.HTTPError:
            return ""

    yield lambda url, path: pool.submit(fetch, url, path)
    pool.shutdown(cancel_futures=True)


def address(screen: Terminal) -> str:
    """Where the app listens, once it is up."""
    found = re.search(
        r"http://[\d.]+:\d+", screen.wait_until(re.compile(r"http://[\d.]+:\d+ ").search, "it")
    )
    assert found
    return found[0]


def back(screen: Terminal, *seen: str) -> None:
    """Wait until the screen is back, and this is on it."""
    eventually(lambda: ON in screen.left_behind(), "the screen")
    screen.wait_for("follow", *seen)


def stopped(screen: Terminal, where: str) -> None:
    """Wait until the debugger has the terminal, and asks there."""
    eventually(lambda: ON not in screen.left_behind(), "the terminal")
    screen.wait_for(f"breakpoint in {where}, `c` continues", "(Pdb)")


def command(screen: Terminal, text: str, *seen: str) -> None:
    """Type at the debugger's prompt, and wait for what comes."""
    screen.press(text, "enter")
    screen.wait_for(*seen)


def interrupt(screen: Terminal) -> None:
    """Type it until it is heard: Python's prompt, between two looks at the keyboard, may miss a
    signal that comes right after a letter. One that only comes late is not typed twice, as the
    second would take away what is typed next."""

    def heard() -> bool:
        screen.press("ctrl+c")
        until = time.monotonic() + MISSED
        while "--KeyboardInterrupt--" not in screen.text():
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True

    eventually(heard, "the interrupt")
    screen.wait_for("--KeyboardInterrupt--\n(Pdb)")


def ask_until(screen: Terminal, text: str, seen: str) -> None:
    """Type it at the debugger's prompt until it says so: a new size travels by a signal, for which
    what is typed does not wait."""

    def said() -> bool:
        screen.press(text, "enter")
        time.sleep(0.5)
        return seen in screen.text()

    eventually(said, seen)


def asks_again(text: str) -> bool:
    """Whether there is a second prompt: below the first, or, where the second thread was only about
    to wait when the first went on, on a screen without it."""
    return text.count("-> total += 1") == (2 if "('first'" in text else 1)


def test_a_session(run: Run, ask: Ask, tmp_path: Path) -> None:
    screen = run("debugged_app:app")
    url = address(screen)

    # In the event loop, stepped, interrupted, in a window of another size.
    waiting = ask(url, "/wait")
    screen.wait_for("/wait")
    page = ask(url, "/loop")
    stopped(screen, "GET /loop")
    screen.wait_for("-> total += 1")
    command(screen, "p 'total', total", "('total', 41)\n(Pdb)")
    screen.press("half a word")
    screen.wait_for("(Pdb) half a word")
    interrupt(screen)
    screen.resize(90, 30)
    ask_until(screen, "!import os; os.get_terminal_size()", "columns=90, lines=30")
    command(screen, "n", "-> return total")
    screen.press("c", "enter")
    assert (page.result(), waiting.result()) == ("42", "waited")
    back(screen, "GET", "/loop")
    assert "breakpoint in" not in screen.text()
    screen.resize(120, 40)

    # In a thread, twice at once: one waits. What others print is not seen there.
    pages = [ask(url, "/thread"), ask(url, "/thread")]
    stopped(screen, "GET /thread")
    eventually(lambda: ask(url, "/added").result() == "3", "the second of them")
    command(screen, "p 'first', total", "('first', 51)")
    assert "called" not in screen.text()
    screen.press("c", "enter")
    screen.wait_until(asks_again, "the second prompt")
    screen.press("ctrl+d")
    back(screen)
    assert sorted(page.result() for page in pages) == ["52", "Internal Server Error"]

    page = ask(url, "/divide")
    stopped(screen, "GET /divide")
    screen.press("q", "enter")
    back(screen)
    assert page.result() == "divided"
    assert ask(url, "/ask").result() == "nothing"

    # What the time went into, and which it was held up.
    screen.press("f")
    screen.answer("is:debugged path=/wait")
    screen.wait_for("1 of ")
    screen.press("enter")
    screen.wait_for("held up by the debugger in #")
    screen.press("q", "escape")

    # The process ends in the debugger.
    page = ask(url, "/loop")
    stopped(screen, "GET /loop")
    screen.press("!import os; os._exit(7)", "enter")
    back(screen, "exited with status 7")
    assert page.result() == ""
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []
    assert rings(tmp_path) == []


def test_a_signal_in_the_debugger(run: Run, ask: Ask, tmp_path: Path) -> None:
    screen = run("debugged_app:app")
    url = address(screen)
    pid = int(ask(url, "/").result())
    ask(url, "/loop")
    stopped(screen, "GET /loop")
    screen.process.send_signal(signal.SIGTERM)
    assert screen.wait_end() == 128 + signal.SIGTERM
    assert screen.left_behind() == []
    assert not is_alive(pid)
    assert rings(tmp_path) == []


def test_the_terminal_goes_away_in_the_debugger(run: Run, ask: Ask, tmp_path: Path) -> None:
    screen = run("debugged_app:app")
    url = address(screen)
    pid = int(ask(url, "/").result())
    ask(url, "/thread")
    stopped(screen, "GET /thread")
    screen.hang_up()
    assert screen.wait_end() == 128 + signal.SIGHUP
    assert not is_alive(pid)
    assert rings(tmp_path) == []


def test_killed_in_the_debugger_it_takes_the_app_along(run: Run, ask: Ask) -> None:
    screen = run("debugged_app:app", "--timeout-graceful-shutdown", "100ms")
    url = address(screen)
    pid = int(ask(url, "/").result())
    ask(url, "/thread")
    stopped(screen, "GET /thread")
    screen.process.kill()
    screen.wait_end()
    eventually(lambda: not is_alive(pid), "the end of the orphan")


def test_a_reload_in_the_debugger(run: Run, ask: Ask, tmp_path: Path) -> None:
    source = (APPS / "debugged_app.py").read_text()
    file = tmp_path / "edited_app.py"
    file.write_text(source)
    screen = run("edited_app:app", "--reload", app_dir=tmp_path)
    url = address(screen)
    page = ask(url, "/loop")
    stopped(screen, "GET /loop")
    file.write_text(source.replace("breakpoint()", "pass"))
    back(screen, "edited_app.py changed")
    assert page.result() in ("", "Internal Server Error")
    eventually(lambda: ask(url, "/loop").result() == "42", "the edited app")
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []


def test_recording_in_a_terminal_with_another_debugger(run: Run, ask: Ask, tmp_path: Path) -> None:
    """ipdb paints its prompt itself, and takes the terminal when it is imported."""
    pytest.importorskip("ipdb")
    variables = {"PYTHONBREAKPOINT": "ipdb.set_trace", "IPYTHONDIR": str(tmp_path / "ipython")}
    screen = run("record", "debugged_app:app", "-o", "out.jsonl", **variables)
    url = address(screen)
    page = ask(url, "/loop")
    screen.wait_for("breakpoint in GET /loop", "total += 1", "ipdb>")
    screen.press("p 'total', total", "enter")
    screen.wait_for("('total', 41)")
    screen.press("c", "enter")
    assert page.result() == "42"
    screen.wait_for("answered /loop", "1 exchange")
    screen.process.send_signal(signal.SIGINT)
    assert screen.wait_end() == 0
    assert screen.left_behind() == []
    (stop,) = [
        line for line in Trace.lines_of(tmp_path / "out.jsonl") if line.get("event") == "debugger"
    ]
    assert stop["returned_ns"] > stop["called_ns"]
    assert stop["number"] == 1
    assert re.search(r"debugged_app\.py:\d+ in add$", stop["value"]["place"])


def test_without_a_terminal_it_is_said_once_and_the_app_goes_on(record: Record) -> None:
    recording = record("debugged_app:app")
    for path in ("/loop", "/thread", "/divide"):
        httpx.get(recording.address + path, timeout=PATIENCE).raise_for_status()
    trace = recording.finished()
    said = "asgitrace: a debugger was called in GET /loop, but there is no terminal for it"
    assert "\n".join(trace.log).count("no terminal") == 1
    assert said in "\n".join(trace.log)
    assert not [line for line in recording.trace() if line.get("event") == "debugger"]
