"""The dialog of the processes of a session: how each of them does, and what it recorded."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from asgitrace.store.session import FollowedProcess
from asgitrace.tui.boxes import is_beside
from asgitrace.tui.commands import bind
from asgitrace.tui.detail.head import ColumnHead
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import HintBar
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.terms import process_term
from asgitrace.views.attach.followed import FollowedLines, followed_titles, summary
from asgitrace.views.look import Look

if TYPE_CHECKING:
    from asgitrace.store.store import Store
    from asgitrace.tui.feed import Feed

BACK: Final = "\\"
"""In place of a filter term: back to the list of what runs."""

_SECONDS: Final = 0.25
_FRAME: Final = 4
"""The border, the titles and the line of hints."""
_MOST: Final = 20
_FILTER: Final = ("choose", "only its exchanges", "filter")
_RINGS: Final = ("r", "what runs", "rings")
_CLOSE: Final = ("back", "close", "dismiss")


class ProcessesDialog(TakesKeys, ModalScreen[str | None]):
    """Returns the filter term of a process, `BACK`, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(bind(name, "dismiss") for name in ("back", "close", "processes")),
        bind("filter"),
        bind("filter-cell", "filter"),
        Binding("r", "rings", "What runs", show=False),
        bind("quit", "app.quit"),
    ]

    def __init__(self, feed: "Feed", look: Callable[[], Look], *, picker: bool) -> None:
        """``picker``: there is a list of what runs to go back to."""
        super().__init__()
        self._feed = feed
        self._picker = picker
        self._list = LineList(empty="There is no process yet.")
        self._head = ColumnHead(followed_titles, self._list)
        self._hints = HintBar(look, raised=False)
        self._box = Vertical(id="processes-box")

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._head
            yield self._list
            yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys((_FILTER, *((_RINGS,) if self._picker else ()), _CLOSE))
        self._box.border_title = "Processes"
        self._list.show_lines(self._lines())
        self._show()
        self._list.focus()
        self.set_interval(_SECONDS, self._tick)

    def _lines(self) -> FollowedLines:
        store = self._feed.store
        return FollowedLines(followed(self._feed), exchanges_by_process(store))

    def _tick(self) -> None:
        """Show what changed; the cursor stays on its process, as none ever goes."""
        self._list.lines = self._lines()
        self._list.grown()
        self._list.repaint()
        self._show()

    def _show(self) -> None:
        processes = followed(self._feed)
        self._box.border_subtitle = summary(processes)
        self._box.styles.height = max(1, min(len(processes), _MOST)) + _FRAME

    def on_click(self, event: events.Click) -> None:
        if is_beside(event, self, self._box):
            self.dismiss(None)

    @on(LineList.Chosen)
    def action_filter(self) -> None:
        """Show only the exchanges of the process under the cursor."""
        lines, index = self._list.lines, self._list.current
        if isinstance(lines, FollowedLines) and index is not None:
            process = lines.process(index).process
            self.dismiss(process_term(self._feed.store.processes, process))

    def action_rings(self) -> None:
        """Back to the list of what runs."""
        if self._picker:
            self.dismiss(BACK)
        else:
            self._hints.say("asgitrace attach lists what runs")


def followed(feed: "Feed") -> Sequence[FollowedProcess]:
    """The processes of a session; of one that does not tell of each, as far as can be seen."""
    status = feed.session.status()
    if status.processes:
        return status.processes
    processes = feed.store.processes
    if not processes:
        return ()
    runs = feed.session.live and status.phase in ("starting", "serving")
    last = FollowedProcess(
        processes[-1], "running" if runs else "ended", missed=status.missed, fill=status.fill
    )
    return (*(FollowedProcess(each, "ended") for each in processes[:-1]), last)


def exchanges_by_process(store: "Store") -> Mapping[int, int]:
    """How many rows of each process are kept, those that are notes left out."""
    sources = store.source[store.exchange_numbers > 0]
    numbers, counts = np.unique(sources, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
