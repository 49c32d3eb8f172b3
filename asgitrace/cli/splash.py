"""The first thing on the screen, before anything heavy is imported."""

import os
import sys

TYPE_CHECKING = False  # no import that the first paint would wait for
if TYPE_CHECKING:
    from collections.abc import Sequence

_WITHOUT_SCREEN = {
    "record", "export", "config", "compare-servers", "--version", "--help", "-h",
    "--list", "--json", "--clean", "--record",
}  # fmt: skip
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J"
_LEAVE = "\x1b[?25h\x1b[?1049l"
_NAME = "asgitrace"


def is_interactive() -> bool:
    """Whether there is a terminal to type and to draw on; stderr may go elsewhere."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Splash:
    """The alternate screen with our name on it, until the user interface takes over."""

    def __init__(self) -> None:
        self._shown = False

    def show_for(self, arguments: "Sequence[str]") -> None:
        """Paint, if these arguments lead to a screen and there is a terminal to paint on."""
        wordless = not arguments or not _WITHOUT_SCREEN.isdisjoint(arguments)
        if wordless or not is_interactive():
            return
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
        row, column = max(lines // 2, 1), max((columns - len(_NAME)) // 2 + 1, 1)
        _write(f"{_ENTER}\x1b[{row};{column}H\x1b[2m{_NAME}\x1b[0m")
        self._shown = True

    def hide(self) -> None:
        """Give the terminal back, as for an error message."""
        if self._shown:
            self._shown = False
            _write(_LEAVE)

    def hand_over(self) -> None:
        """The user interface paints now, and gives the terminal back itself."""
        self._shown = False


def _write(text: str) -> None:
    os.write(sys.stdout.fileno(), text.encode())
