"""The log: what the app's process wrote."""

from typing import TYPE_CHECKING

from asgitrace.store.model import Exchange
from asgitrace.tui.detail.split import Split
from asgitrace.tui.detail.tabs import SplitTab
from asgitrace.views.lines import Lines
from asgitrace.views.log import KEPT, LogLines
from asgitrace.views.wrap import TextLines

if TYPE_CHECKING:
    from asgitrace.store.store import Store


class LogTab(SplitTab):
    """What the app's process wrote."""

    what = "line"

    def __init__(self, store: "Store") -> None:
        super().__init__(id="log")
        self._store = store
        self._log = LogLines()
        self._next = 0
        self.split = Split(self._inspect, empty="The app has written nothing yet.")

    def show(self, exchange: Exchange | None) -> None:
        if not self._next:
            self._read()
            self.split.list.show_lines(self._log, at_end=True)
        self.tick()

    def tick(self) -> None:
        if self._store.log_total != self._next:
            self.split.list.grown(gone=self._read())

    def _read(self) -> int:
        total = self._store.log_total
        if total < self._next:
            # Another trace: the log began anew.
            self._log, self._next = LogLines(), 0
            self.split.list.show_lines(self._log, at_end=True)
        gone = self._log.extend(self._store.logs_since(max(self._next, total - KEPT)))
        self._next = total
        return gone

    def _inspect(self, index: int) -> Lines | None:
        return TextLines(self._log.text(index))
