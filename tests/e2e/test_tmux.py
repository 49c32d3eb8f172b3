"""The user interface in tmux, as somebody would use it from a shell."""

import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import join

import httpx
import pytest

from tests.e2e.conftest import APPS, PATIENCE, environment, eventually, is_alive, is_open, rings

pytestmark = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux, the terminal of these tests, is not installed"
)


class Tmux:
    """A tmux server of our own, with one shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        self._environment = {
            **environment(folder),
            "ENV": "",
            "TERM": "xterm-256color",
        }

    def start(self) -> None:
        size = ("-x", "120", "-y", "40")
        self("-f", "/dev/null", "new-session", "-d", *size, "/bin/sh")
        # The shell has its own prompt first; what is typed before that is echoed elsewhere.
        eventually(lambda: self.screen().strip(), "a prompt")
        self.enter("PS1='ready> '")
        self.wait_for("\nready>")

    def __call__(self, *arguments: str) -> str:
        """Run a tmux command; returns what it prints."""
        return subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        ).stdout

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def wait_for(self, *texts: str) -> str:
        """Wait until all these are on the screen; returns it."""

        def looked() -> str:
            text = self.screen()
            return text if all(part in text for part in texts) else ""

        try:
            return str(eventually(looked, repr(texts)))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def press(self, *keys: str) -> None:
        """Keys as tmux names them."""
        self("send-keys", *keys)

    def enter(self, line: str) -> None:
        """Type a line at the prompt."""
        self("send-keys", "-l", line)
        self.press("Enter")

    def ask(self, name: str) -> str:
        """A fact tmux knows about the terminal."""
        return self("display-message", "-p", f"#{{{name}}}").strip()

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self("kill-server")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in tmux."""
    made = Tmux(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.close()


def command(*arguments: str) -> str:
    """asgitrace as it is typed at the prompt."""
    return join([sys.executable, "-m", "asgitrace", *arguments])


def begin(tmux: Tmux, *options: str) -> str:
    """Start asgitrace on an app; returns where it listens."""
    tmux.enter(command("unruly_app:app", "--app-dir", str(APPS), "--port", "0", *options))
    text = tmux.wait_for("● unruly_app:app  http://", "lifespan")
    found = re.search(r"http://[\d.]+:\d+", text)
    assert found
    return found[0]


def test_from_the_prompt_and_back(tmux: Tmux, tmp_path: Path) -> None:
    tmux.enter("echo before")
    tmux.wait_for("\nbefore")
    url = begin(tmux)
    assert tmux.ask("alternate_on") == "1"
    pid = int(httpx.get(f"{url}/pid", timeout=PATIENCE).text)
    tmux.wait_for("/pid", "GET", "200")
    tmux.press("Enter")
    tmux.wait_for("[1 Timeline]", "http.response.start")
    for key, name in (("2", "Messages"), ("3", "Headers"), ("4", "Body"), ("5", "Log")):
        tmux.press(key)
        tmux.wait_for(f"[{key} {name}]")
    tmux.press("q")
    tmux.press("?")
    tmux.wait_for("One line for each call of the app")
    tmux.press("q")
    tmux.wait_for("enter open")
    tmux.press("Q")
    text = tmux.wait_for("before")
    assert "/pid" not in text.replace(command(), "")
    tmux.enter("echo status=$?")
    tmux.wait_for("status=0")
    assert [tmux.ask(name) for name in ("alternate_on", "cursor_flag", "mouse_any_flag")] == [
        *("0", "1", "0")
    ]
    assert tmux.ask("pane_current_command") == "sh"
    assert not is_open(int(url.rpartition(":")[2]))
    assert not is_alive(pid)
    assert rings(tmp_path) == []


def leave(tmux: Tmux) -> None:
    """Quit, and wait for the shell."""
    tmux.press("Q")
    eventually(lambda: tmux.ask("pane_current_command") == "sh", "the end of asgitrace")


def test_keys_theme_and_layout_from_one_run_to_the_next(tmux: Tmux, tmp_path: Path) -> None:
    """A key from the configuration; what was chosen on the screen is there again."""
    (tmp_path / "config.toml").write_text('[keys]\nlayout = "u"\n[filters]\nold = "dur>1s"\n')
    begin(tmux)
    tmux.press("k", "Enter")
    tmux.wait_for("[1 Timeline]", "lifespan")
    tmux.press("u")
    text = tmux.wait_for("Layout: list beside detail")
    line = next(line for line in text.splitlines() if "[1 Timeline]" in line)
    assert line.index("[1 Timeline]") > 40
    tmux.press("C-t", "C-t")
    tmux.wait_for("Theme: contrast")
    leave(tmux)
    state = json.loads((tmp_path / "state.json").read_text())
    assert (state["layout"], state["theme"]) == ("beside", "contrast")
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    tmux.enter("clear")
    begin(tmux)
    tmux.press("k", "Enter")
    text = tmux.wait_for("[1 Timeline]")
    line = next(line for line in text.splitlines() if "[1 Timeline]" in line)
    assert line.index("[1 Timeline]") > 40
    assert "\x1b[48;5;16m" in tmux("capture-pane", "-p", "-e")
    leave(tmux)


def test_a_mistake_in_the_configuration_is_one_sentence(tmux: Tmux, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[keys]\nlayuot = "u"\n')
    tmux.enter("clear; " + command("demo", "--port", "0"))
    tmux.enter("echo status=$?")
    # The name of the folder is as long as it likes: the sentence goes over more than one line.
    said = tmux.wait_for("status=2").replace("\n", "")
    assert "config.toml, line 2: there is no command 'layuot'; did you mean 'layout'?" in said
    assert tmux.ask("alternate_on") == "0"


def test_a_mistake_leaves_the_screen_as_it_was(tmux: Tmux) -> None:
    tmux.enter(command("unruly_app:application", "--app-dir", str(APPS), "--port", "0"))
    tmux.wait_for("asgitrace: Module 'unruly_app' has no attribute 'application'", "did you mean")
    tmux.enter("echo status=$?")
    tmux.wait_for("status=2")
    assert tmux.ask("alternate_on") == "0"
    assert tmux.ask("cursor_flag") == "1"


def test_a_terminal_that_is_closed_ends_all(tmux: Tmux, tmp_path: Path) -> None:
    """A hangup, and nobody there to read what is painted."""
    url = begin(tmux)
    pid = int(httpx.get(f"{url}/pid", timeout=PATIENCE).text)
    own = int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(pid)]))
    tmux("kill-session")
    eventually(lambda: not is_alive(pid), "the end of the app")
    eventually(lambda: not is_alive(own), "the end of asgitrace")
    assert not is_open(int(url.rpartition(":")[2]))
    assert rings(tmp_path) == []
