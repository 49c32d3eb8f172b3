"""The user interface in a real terminal, with real traffic: what is seen, what keys do, how it
ends."""

import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import APPS, PATIENCE, environment, eventually, is_alive, is_open, rings
from tests.e2e.terminal import Terminal, terminal
from tests.e2e.traces import Trace

Show = Callable[..., Terminal]


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Show]:
    """Start asgitrace in a terminal, in ``tmp_path``; what still runs at the end is killed."""
    with contextlib.ExitStack() as stack:

        def start(*arguments: str, stderr: int | None = None) -> Terminal:
            command = [sys.executable, "-m", "asgitrace", *arguments]
            return stack.enter_context(terminal(command, environment(tmp_path), tmp_path, stderr))

        yield start


@pytest.fixture
def run(show: Show) -> Show:
    """Start asgitrace on an app, on a free port."""

    def start(
        target: str, *options: str, app_dir: Path = APPS, stderr: int | None = None
    ) -> Terminal:
        arguments = (target, "--app-dir", str(app_dir), "--port", "0", *options)
        return show(*arguments, stderr=stderr)

    return start


def address(screen: Terminal) -> str:
    """Where the app listens, as it is shown, once it is up."""
    text = screen.wait_until(re.compile(r"● \S+  http://[\d.]+:\d+ ").search, "the address")
    found = re.search(r"http://[\d.]+:\d+", text)
    assert found
    return found[0]


def fetch(url: str) -> httpx.Response:
    """A request of its own connection."""
    return httpx.get(url, timeout=PATIENCE)


def port(url: str) -> int:
    return int(url.rpartition(":")[2])


def columns(screen: Terminal) -> list[list[str]]:
    """The rows of the list, without what differs from one look to the next."""
    rows = [line.replace("▎", " ").split() for line in screen.screen()]
    return [row[:1] + row[2:] for row in rows if row and row[0].isdigit()]


def save(screen: Terminal, name: str) -> None:
    """Save everything under a name."""
    screen.press("w")
    screen.wait_for("Save all exchanges", "asgitrace-2")
    screen.answer(name, instead_of="asgitrace-2")
    screen.wait_for("Saved to ")


def test_a_session(run: Show, show: Show, tmp_path: Path) -> None:
    """From the first request to the last key."""
    screen = run("fastapi_app:app")
    url = address(screen)
    screen.wait_for("lifespan")
    assert screen.left_behind()
    with httpx.Client(base_url=url, timeout=PATIENCE) as client:
        client.get("/items/1")
        client.post("/items", json={"name": ""})
        client.get("/stream", params={"n": 2})
    screen.wait_for("/items/1", "/stream")
    assert re.search(r"GET +/items/1 +200 +24B", screen.row("/items/1"))
    assert re.search(r"POST +/items +! +422", screen.row("POST"))

    screen.press("enter")
    screen.wait_for("[1 Timeline]", "http.response.start", "GET /stream")
    for key, name, seen in (
        ("2", "Messages", "line 1"),
        ("3", "Headers", "User-Agent"),
        ("4", "Body", "Response 14B"),
        ("5", "Log", ""),
        ("1", "Timeline", "response.body"),
    ):
        screen.press(key)
        screen.wait_for(f"[{key} {name}]", seen)
    screen.press("q")
    screen.wait_gone("[1 Timeline]")

    screen.press("f")
    screen.wait_for("word in path")
    screen.answer("method=POST status=4xx")
    screen.wait_for("1 of 4")
    screen.wait_gone("GET")
    screen.press("escape")
    screen.wait_for("/items/1")

    screen.press(" ")
    screen.wait_for("paused, 0 new")
    fetch(f"{url}/items/2")
    screen.wait_for("paused, 1 new")
    assert "/items/2" not in screen.text()
    screen.press(" ")
    screen.wait_for("/items/2")

    screen.press("?")
    screen.wait_for("Help", "Keys here")
    screen.press("q")
    screen.wait_gone("Keys here")

    save(screen, "saved.jsonl")
    rows = columns(screen)

    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []
    assert not is_open(port(url))
    assert rings(tmp_path) == []

    trace = Trace.load(tmp_path / "saved.jsonl")
    assert [one.path for one in trace.exchanges()] == [
        "",
        "/items/1",
        "/items",
        "/stream",
        "/items/2",
    ]
    assert not is_alive(trace.of("process")[0]["pid"])

    again = show("open", str(tmp_path / "saved.jsonl"))
    again.wait_for("saved.jsonl", "/items/2")
    assert [row[:4] for row in columns(again)][1:] == [row[:4] for row in rows][1:]
    again.press("Q")
    assert again.wait_end() == 0
    assert again.left_behind() == []


def test_an_app_that_is_killed_during_traffic(run: Show, show: Show, tmp_path: Path) -> None:
    screen = run("unruly_app:app")
    url = address(screen)
    pid = int(fetch(f"{url}/pid").text)
    with httpx.stream("GET", f"{url}/hang", timeout=PATIENCE) as response:
        next(response.iter_raw())
        screen.wait_for("/hang")
        os.kill(pid, signal.SIGKILL)
        screen.wait_for("The app was killed by SIGKILL.")
    screen.wait_for("/pid", "/hang", "‡")
    save(screen, "last.jsonl")
    trace = Trace.load(tmp_path / "last.jsonl")
    assert trace.exchange("/hang").response_body == b"begun\n"
    assert any("killed by SIGKILL" in note for note in trace.notes)
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []
    (ring,) = rings(tmp_path)
    assert "asgitrace open" in screen.text()

    kept = show("open", str(ring))
    kept.wait_for("/hang", "/pid")
    kept.press("Q")
    assert kept.wait_end() == 0


def test_an_app_that_is_killed_comes_back_with_a_key(run: Show) -> None:
    screen = run("unruly_app:app")
    url = address(screen)
    os.kill(int(fetch(f"{url}/pid").text), signal.SIGKILL)
    screen.wait_for("The app was killed by SIGKILL.")
    screen.press("ctrl+r")
    screen.wait_gone("The app was killed by SIGKILL.")
    assert address(screen) == url
    assert fetch(f"{url}/pid").text.isdigit()
    screen.press("Q")
    assert screen.wait_end() == 0


def test_a_module_that_does_not_import_and_is_mended(run: Show, tmp_path: Path) -> None:
    site = tmp_path / "site" / "mended_site.py"
    site.parent.mkdir()
    site.write_text("raise LookupError('no tea')\n")
    screen = run("mended_site:app", "--reload", app_dir=site.parent)
    screen.wait_for(
        "mended_site:app cannot be imported: LookupError: no tea", "exited with status 1"
    )
    screen.press("l")
    screen.wait_for("[5 Log]", "4 lines LookupError: no tea")
    screen.press("enter")
    screen.wait_for("Traceback (most recent call last):")
    site.write_text((APPS / "plain_app.py").read_text())
    url = address(screen)
    assert fetch(f"{url}/").text == "plain\n"
    screen.press("q")
    screen.wait_for("restarted: mended_site.py changed", "GET")
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []


def test_a_target_without_its_attribute(run: Show) -> None:
    screen = run("plain_app:application")
    assert screen.wait_end() == 2
    assert "asgitrace: Module 'plain_app' has no attribute 'application'" in screen.text()
    assert "Traceback" not in screen.text()
    assert screen.left_behind() == []


def test_a_mistake_before_there_is_a_screen(run: Show) -> None:
    screen = run("no_such_module_at_all:app")
    assert screen.wait_end() == 2
    assert "asgitrace: There is no module 'no_such_module_at_all'" in screen.text()
    assert screen.left_behind() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(run: Show, tmp_path: Path, number: int) -> None:
    screen = run("unruly_app:app")
    url = address(screen)
    pid = int(fetch(f"{url}/pid").text)
    screen.process.send_signal(number)
    assert screen.wait_end() == 128 + number
    assert screen.left_behind() == []
    assert not is_alive(pid)
    assert not is_open(port(url))
    assert rings(tmp_path) == []


def test_a_terminal_that_goes_away_ends_all(run: Show, tmp_path: Path) -> None:
    """Also where no signal tells of it, and nobody reads what is painted."""
    screen = run("unruly_app:app")
    url = address(screen)
    pid = int(fetch(f"{url}/pid").text)
    screen.hang_up()
    assert screen.wait_end() == 128 + signal.SIGHUP
    assert not is_alive(pid)
    assert not is_open(port(url))
    assert rings(tmp_path) == []


def test_a_terminal_that_goes_away_while_nothing_is_painted(show: Show, tmp_path: Path) -> None:
    """A trace that is looked at: no signal, and no write that would fail."""
    trace = tmp_path / "empty.jsonl"
    trace.write_text(
        '{"line":"trace","format":3,"asgitrace":"0","created":"2026-03-01T12:30:15.250000Z"}\n'
    )
    screen = show("open", str(trace))
    screen.wait_for("empty.jsonl", "help")
    screen.hang_up()
    assert screen.wait_end() == 128 + signal.SIGHUP


def test_a_signal_to_go_on_where_it_never_stopped(run: Show) -> None:
    """What the terminal was like is remembered from the start, not from then."""
    screen = run("unruly_app:app")
    url = address(screen)
    screen.process.send_signal(signal.SIGCONT)
    fetch(f"{url}/pid")
    screen.wait_for("/pid")
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []


def test_stderr_may_go_elsewhere(run: Show, tmp_path: Path) -> None:
    """``asgitrace module:app 2> errors``: the screen is on the terminal all the same."""
    with (tmp_path / "errors").open("wb") as errors:
        screen = run("plain_app:application", stderr=errors.fileno())
        assert screen.wait_end() == 2
        assert screen.left_behind() == []
        other = run("plain_app:app", stderr=errors.fileno())
        address(other)
        other.press("Q")
        assert other.wait_end() == 0
        assert other.left_behind() == []
    (line,) = (tmp_path / "errors").read_text().splitlines()
    assert line.startswith("asgitrace: Module 'plain_app' has no attribute 'application'")


@pytest.mark.parametrize("path", ["/hang", "/pid"])
def test_quit_twice_does_not_wait(
    run: Show, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    """Neither for a request that hangs nor for an app that blocks its loop."""
    if path == "/pid":
        monkeypatch.setenv("UNRULY_SHUTDOWN", "block")
    screen = run("unruly_app:app", "--timeout-graceful-shutdown", "10m")
    url = address(screen)
    pid = int(fetch(f"{url}/pid").text)
    with httpx.stream("GET", f"{url}{path}", timeout=PATIENCE) as response:
        next(response.iter_raw())
        screen.press("Q")
        screen.wait_for("Stopping the app")
        screen.press("Q")
        assert screen.wait_end() == 0
    assert screen.left_behind() == []
    assert not is_alive(pid)
    assert rings(tmp_path) == []


def test_killed_itself_it_takes_the_app_along(run: Show) -> None:
    screen = run("unruly_app:app", "--timeout-graceful-shutdown", "100ms")
    pid = int(fetch(f"{address(screen)}/pid").text)
    screen.process.kill()
    screen.wait_end()
    eventually(lambda: not is_alive(pid), "the end of the orphan")


def test_what_the_app_prints_is_inert(run: Show) -> None:
    screen = run("unruly_app:app")
    url = address(screen)
    title = screen.title
    fetch(f"{url}/output")
    fetch(f"{url}/%1b[2J%1b]0;owned%07[red]x")
    screen.wait_for("[red]x")
    screen.press("l")
    screen.wait_for("from print", "from logging", "red", "not \\xff\\xfe UTF-8")
    assert screen.title == title
    assert "lifespan" in screen.text()
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []


def test_a_file_whose_last_line_is_cut(run: Show, show: Show, tmp_path: Path) -> None:
    screen = run("plain_app:app")
    fetch(address(screen) + "/first")
    screen.wait_for("/first")
    save(screen, "whole.jsonl")
    screen.press("Q")
    assert screen.wait_end() == 0
    whole = (tmp_path / "whole.jsonl").read_bytes()
    (tmp_path / "cut.jsonl").write_bytes(whole[:-9])
    cut = show("open", "cut.jsonl")
    cut.wait_for("the last one, is cut off and was left out; the rest is complete.", "/first")
    cut.press("Q")
    assert cut.wait_end() == 0


def test_the_demo_shows_moving_traffic(show: Show, tmp_path: Path) -> None:
    screen = show("demo", "--port", "0", "--rate", "50")
    url = address(screen)
    seen = re.compile(r"([\d.,]+k?) events")

    def count() -> str:
        found = seen.search(screen.text())
        return found[1] if found else ""

    eventually(lambda: count() not in ("", "0"), "events")
    before = count()
    eventually(lambda: count() != before, "more events")
    screen.wait_for("WS", "GET", "/api/items")
    screen.press("Q")
    assert screen.wait_end() == 0
    assert screen.left_behind() == []
    assert not is_open(port(url))
    assert rings(tmp_path) == []
    assert not _processes_with(url)


def _processes_with(argument: str) -> list[str]:
    """Processes with an argument, such as the demo's client with the address it visits."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if argument.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
    return found
