"""The filter in a real terminal: what is typed in one go goes where it belongs."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import APPS, environment
from tests.e2e.terminal import Terminal, terminal
from tests.e2e.test_terminal import address, fetch


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Terminal]:
    """A screen that has seen a few requests."""
    options = ("--app-dir", str(APPS), "--port", "0")
    command = [sys.executable, "-m", "asgitrace", "plain_app:app", *options]
    with contextlib.ExitStack() as stack:
        shown = stack.enter_context(terminal(command, environment(tmp_path), tmp_path))
        url = address(shown)
        for path in ("/tea", "/tea/green", "/cups", "/chips"):
            fetch(url + path)
        shown.wait_for("/chips")
        yield shown


def test_what_is_typed_in_one_go_is_all_in_the_line(screen: Terminal) -> None:
    # F, C, l and z would each do something to the list.
    screen.press("gjfpath:/FClz\x7f\x7f\x7f\x7ftea\rj")
    screen.wait_for("filter exchanges path:/tea", "2 of ")
    screen.wait_gone("/chips")
    assert "/cups" not in screen.text()
    assert "\u258e" in screen.row("/tea/green"), "the keys behind the enter are for the list"
    screen.press("\\")
    screen.wait_for("/chips", "Filter off")
    screen.press("\\")
    screen.wait_gone("/chips")


def test_keys_that_open_and_close_and_what_is_typed_with_them(screen: Terminal) -> None:
    screen.press("g\r3")
    screen.wait_for("[3 Headers]")
    screen.press("qG")
    screen.wait_gone("[3 Headers]")
    screen.wait_until(lambda _: "\u258e" in screen.row("/chips"), "the last one")


def test_a_paste_is_put_into_the_line(screen: Terminal) -> None:
    screen.press("f\x1b[200~path:/c\r\n\t-path:/chi\x1b[201~ps\r")
    screen.wait_for("filter exchanges path:/c -path:/chips", "1 of ", "/cups")
    screen.wait_gone("/tea")
