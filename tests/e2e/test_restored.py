"""However it ends or is interrupted: the terminal is given back, and what was recorded is kept."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.e2e.conftest import APPS, PATIENCE, environment, eventually, is_alive, rings
from tests.e2e.terminal import Terminal, terminal

ON = "the alternate screen is on"
FAILING = """
import os, sys
from asgitrace.tui.main_screen import MainScreen
from asgitrace.__main__ import main

show_status = MainScreen.show_status

def fail(self, now_ns):
    if os.path.exists("fail"):
        text = "ours \\x1b[2J\\x1b]0;owned\\x07"
        raise RuntimeError(text)
    show_status(self, now_ns)

MainScreen.show_status = fail
main()
"""


def address(screen: Terminal) -> str:
    """Where the app listens, once it is up."""
    found = re.search(
        r"http://[\d.]+:\d+", screen.wait_until(re.compile(r"http://[\d.]+:\d+ ").search, "it")
    )
    assert found
    return found[0]


def state_of(pid: int) -> str:
    """The letter of a process's state; T where it is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_suspended_and_shrunk(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "asgitrace", "unruly_app:app", "--app-dir", str(APPS)]
    with terminal([*command, "--port", "0"], environment(tmp_path), tmp_path) as screen:
        url = address(screen)
        screen.resize(20, 5)
        assert httpx.get(f"{url}/first", timeout=PATIENCE).status_code == 200
        for key, seen in (("?", "Help"), ("S", "Statistics")):
            screen.press(key)
            screen.wait_for(seen)
            screen.press("q")
            screen.wait_gone(seen)
        screen.resize(120, 40)
        screen.wait_for("/first", "follow", url)

        screen.process.send_signal(signal.SIGTSTP)
        eventually(lambda: state_of(screen.process.pid) == "T", "the stop")
        eventually(lambda: screen.left_behind() == [], "the terminal")
        assert httpx.get(f"{url}/second", timeout=PATIENCE).status_code == 200
        screen.process.send_signal(signal.SIGCONT)
        eventually(lambda: ON in screen.left_behind(), "the screen")
        screen.wait_for("/first", "/second", "follow")
        screen.press("ctrl+z")
        screen.wait_for("no shell to go back to")
        screen.press("Q")
        assert screen.wait_end() == 0
        assert screen.left_behind() == []


def test_an_error_of_ours(tmp_path: Path) -> None:
    """It is said where, nothing raw among it; and what the app recorded is not lost."""
    command = [sys.executable, "-c", FAILING, "unruly_app:app", "--app-dir", str(APPS)]
    with terminal([*command, "--port", "0"], environment(tmp_path), tmp_path) as screen:
        pid = int(httpx.get(address(screen) + "/pid", timeout=PATIENCE).text)
        title = screen.title
        (tmp_path / "fail").touch()
        assert screen.wait_end() == 1
        assert screen.left_behind() == []
        assert screen.title == title
        (ring,) = rings(tmp_path)
        text = screen.text().replace("\n", "")
        assert "RuntimeError: ours" in text
        assert f"the screen failed; the last recording is kept: asgitrace open {ring}" in text
    assert not is_alive(pid)


def test_started_without_standard_streams(tmp_path: Path) -> None:
    options = ["--app-dir", str(APPS), "--port", "0", "-o", "out.jsonl"]
    command = [sys.executable, "-m", "asgitrace", "record", "raising_import:app", *options]
    done = subprocess.run(
        ["sh", "-c", f"exec {shlex.join(command)} <&- >&- 2>&-"],
        cwd=tmp_path,
        env={**environment(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" in (tmp_path / "out.jsonl").read_text()
