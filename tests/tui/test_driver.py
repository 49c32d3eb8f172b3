"""The driver's file: it never raises, and tells once that the terminal is gone."""

import io
import os

from asgitrace.tui.driver import TerminalFile


class Gone(io.StringIO):
    """A terminal whose window is closed at some time."""

    open = True

    def write(self, text: str) -> int:
        if not self.open:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_what_is_painted_arrives() -> None:
    told: list[None] = []
    file = Gone()
    painted = TerminalFile(file, lambda: told.append(None))
    assert painted.write("one") == 3
    painted.flush()
    assert (file.getvalue(), told) == ("one", [])


def test_a_terminal_that_is_gone_is_told_once() -> None:
    told: list[None] = []
    file = Gone()
    painted = TerminalFile(file, lambda: told.append(None))
    painted.write("one")
    file.open = False
    for _ in range(3):
        assert painted.write("two") == 3
        painted.flush()
    assert len(told) == 1
    file.open = True
    painted.write("three")
    assert file.getvalue() == "one"


def test_what_is_left_to_write_goes_nowhere() -> None:
    """Python writes at its end what its files still hold, and would fail."""
    master, slave = os.openpty()
    with open(slave, "w") as file:
        painted = TerminalFile(file, lambda: None)
        os.close(master)
        painted.write("lost")
        painted.flush()
        file.flush()
        assert os.fstat(file.fileno()).st_rdev == os.stat(os.devnull).st_rdev
