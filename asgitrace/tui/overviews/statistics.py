"""The statistics screen: what the exchanges come to, drawn over time."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll

from asgitrace.tui.commands import bind
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.overviews.overview import OverviewScreen
from asgitrace.tui.overviews.statistics_panels import ChartPanel, ListPanel
from asgitrace.tui.overviews.statistics_top import TopLine
from asgitrace.tui.overviews.statistics_work import TICK, all_steps, failed_at, in_view
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.terms import field_term
from asgitrace.views.groups.columns import Order, failing_layout, head, slow_layout, worker_layout
from asgitrace.views.groups.grouping import Groups, Tally
from asgitrace.views.groups.keys import GROUPINGS
from asgitrace.views.groups.lines import WORKERS_ORDER, GroupLines, WorkerLines
from asgitrace.views.statistics import panels
from asgitrace.views.statistics.measure import Statistics, Survey, worst
from asgitrace.views.statistics.slices import Steps, last_steps
from asgitrace.views.units import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from asgitrace.tui.feed import Feed
    from asgitrace.views.groups.columns import GroupLayout
    from asgitrace.views.lines import Cells
    from asgitrace.views.look import Look
    from asgitrace.views.statistics.slices import Numbers

    Titles = Callable[[int, Look], Cells]

_MINUTE: Final = 60_000_000_000
_WINDOWS: Final = (("1 min", _MINUTE), ("10 min", 10 * _MINUTE), ("all", 0))
_MOST: Final = 50
"""Routes in a table."""

_TREND: Final = 12
_SLOW: Final = Order("p95")
_FAILING: Final = Order("failed")
_HINTS: Final = (
    ("back", "back", "back"),
    ("1 2 3", "time", "window(1)"),
    ("tab", "next table", "app.focus_next"),
    ("choose", "exchanges", "show"),
    ("copy", "copy", "copy"),
)

_ROUTES: Final = GROUPINGS[0]
_WORKERS: Final = next(by for by in GROUPINGS if by.name == "worker")
_SEVERAL: Final = 2
"""Keys of one worker, and of what has none."""

Found = tuple[Statistics, Groups, Groups]
"""All of it, by route and by worker."""


class StatisticsScreen(OverviewScreen[Found]):
    """Returns the filter term of the exchanges that are to be shown, or None."""

    HORIZONTAL_BREAKPOINTS = [(0, "-one"), (64, "-two"), (160, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012

    DEFAULT_CSS = """
    StatisticsScreen {
        #statistics { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; }
        #panels { layout: grid; grid-size: 2; grid-gutter: 1 2; height: 100%; grid-rows: 1fr; }
        &.-low #panels { height: auto; grid-rows: 9; }
        &.-one #panels { grid-size: 1; }
        &.-three #panels { grid-size: 6; }
        &.-three .panel { column-span: 2; }
        &.-three .table { column-span: 3; }
        .panel { height: 100%; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back"),
        bind("close", "back"),
        bind("statistics", "back"),
        *(
            Binding(str(key), f"choose({key - 1})", name, show=False)
            for key, (name, _) in enumerate(_WINDOWS, start=1)
        ),
        Binding("right", "window(1)", "Longer", show=False, priority=True),
        Binding("left", "window(-1)", "Shorter", show=False, priority=True),
        Binding("tab", "app.focus_next", "Next table", show=False),
        Binding("shift+tab", "app.focus_previous", "Table before", show=False),
        bind("copy"),
        bind("quit", "app.quit"),
    ]

    def __init__(
        self, feed: "Feed", clock: "Callable[[], int]", look: "Callable[[], Look]"
    ) -> None:
        super().__init__(feed, clock, look, "Statistics", [name for name, _ in _WINDOWS])
        self._window = 0 if feed.session.live else len(_WINDOWS) - 1
        self._keys = _ROUTES.keys(feed.store)
        self._worker_keys = _WORKERS.keys(feed.store)
        self._bar.chosen = self._window
        self._rate = ChartPanel(panels.rate)
        self._lag = ChartPanel(panels.lag)
        self._charts = [
            self._rate,
            ChartPanel(panels.opened),
            self._lag,
            ChartPanel(panels.durations),
            ChartPanel(panels.sizes),
        ]
        self._outcome = ListPanel(panels.class_title, "")
        self._slow = ListPanel(
            _titles("Slow routes", slow_layout, _SLOW), "None has ended.", "table"
        )
        self._failing = ListPanel(
            _titles("Failing routes", failing_layout, _FAILING), "Nothing failed.", "table"
        )
        self._workers = ListPanel(_titles("Workers", worker_layout, WORKERS_ORDER), "")
        self._workers.display = False

    def compose(self) -> ComposeResult:
        yield self._bar
        with VerticalScroll(id="statistics", can_focus=False), Container(id="panels"):
            rate, opened, lag, durations, sizes = self._charts
            yield from (rate, opened, durations, self._outcome, lag, self._workers, sizes)
            yield from (self._slow, self._failing)
        yield SearchBar()
        yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys(_HINTS)
        self._slow.list.focus(scroll_visible=False)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        # Behind the layout, as the figures are as many as there are columns.
        self.tick()
        self.set_interval(TICK, self.tick)

    # What is shown

    def _count(self) -> "Generator[None, None, Found | None]":
        feed, steps = self._feed, self._steps(self._rate.columns)
        since = steps.start_ns if _WINDOWS[self._window][1] else None

        def shown() -> "Numbers | None":
            return in_view(feed)

        found = yield from Survey(feed.store, failed_at, steps, shown=shown).run(feed.store.lags)
        tally = Tally(feed.store, self._keys, failed_at, shown=shown, since_ns=since)
        groups = yield from tally.run(self._steps(_TREND))
        tally = Tally(feed.store, self._worker_keys, failed_at, shown=shown, since_ns=since)
        workers = yield from tally.run(self._steps(_TREND))
        return None if groups is None or workers is None else (found, groups, workers)

    def _steps(self, count: int) -> Steps:
        now, window = self._now, _WINDOWS[self._window][1]
        if window:
            return last_steps(window // count, count, now, ended=not self._feed.session.live)
        return all_steps(self._feed, now, count)

    def _take(self, found: Found) -> None:
        statistics, groups, workers = found
        self._take_workers(workers, statistics.steps)
        for chart in self._charts:
            chart.show(statistics)
        self._outcome.show(panels.ClassLines(statistics))
        none = _ROUTES.none
        for panel, plan, order in (
            (self._slow, slow_layout, _SLOW),
            (self._failing, failing_layout, _FAILING),
        ):
            panel.show(GroupLines(groups, order, none, plan=plan, most=_MOST))
        self._bar.say(self._with_filter(f"{format_count(int(statistics.begun.sum()))} exchanges"))

    def _take_workers(self, workers: Groups, steps: Steps) -> None:
        """Several have the place of the event loop, as each of them has one."""
        several = self._worker_keys.size > _SEVERAL
        self._workers.display = several
        self._lag.display = not several
        if several:
            late = worst(self._feed.store.lags, self._feed.store.processes, steps)
            self._workers.show(WorkerLines(workers, _WORKERS.none, late))

    def on_resize(self) -> None:
        self._passes.restart()

    # What the keys do

    def action_choose(self, index: int) -> None:
        """Look at another span of time."""
        self._window = max(0, min(index, len(_WINDOWS) - 1))
        self._bar.choose(self._window)
        self._passes.restart()
        self.tick()

    def action_window(self, distance: int) -> None:
        self.action_choose(self._window + distance)

    @on(TopLine.Chosen)
    def _chosen_by_mouse(self, message: TopLine.Chosen) -> None:
        self.action_choose(message.index)

    def action_show(self) -> None:
        """Show the exchanges of the line under the cursor."""
        found = self._term()
        if found is None:
            self._hints.say("There is nothing to show")
        else:
            self.dismiss(found)

    def _term(self) -> str | None:
        focused = self.focused
        if not isinstance(focused, LineList) or focused.current is None:
            return None
        lines = focused.lines
        if isinstance(lines, panels.ClassLines):
            return lines.term(focused.cursor)
        value = lines.value(focused.cursor) if isinstance(lines, GroupLines) else None
        by = _WORKERS if isinstance(lines, WorkerLines) else _ROUTES
        return None if value is None else field_term(by.name, value)


def _titles(name: str, plan: "Callable[[int], GroupLayout]", order: Order) -> "Titles":
    return lambda width, look: head(plan(width), width, look, (name, look.strong), order)
