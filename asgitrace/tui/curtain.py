"""What is painted first: the frame of the main screen, from what is cheap to import.

Behind it come the table, the detail and numpy, for which nobody has to wait before a dark terminal.
"""

from collections.abc import Callable
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen

from asgitrace.tui.hints import HintBar
from asgitrace.tui.list.header import ListHeader
from asgitrace.tui.status import StatusBar, StatusLine
from asgitrace.views.look import Look


class Curtain(Screen[Any]):
    """The bars at their places, and nothing between them."""

    def __init__(self, line: StatusLine, look: Callable[[], Look]) -> None:
        super().__init__()
        self._line = line
        self._look = look

    def compose(self) -> ComposeResult:
        yield ListHeader(self._look)
        yield Vertical(id="panes")
        status = StatusBar(self._look)
        status.line = self._line
        yield status
        yield HintBar(self._look)
