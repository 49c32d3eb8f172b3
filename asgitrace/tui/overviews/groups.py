"""The screen of the groups: exchanges by route, path, client, connection or status."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from asgitrace.tui.commands import bind
from asgitrace.tui.overviews.groups_list import GroupHead, GroupList
from asgitrace.tui.overviews.overview import OverviewScreen
from asgitrace.tui.overviews.statistics_top import TopLine
from asgitrace.tui.overviews.statistics_work import TICK, all_steps, failed_at, in_view
from asgitrace.tui.search.bar import SearchBar
from asgitrace.tui.terms import connection_term, field_term
from asgitrace.views.groups.columns import Order, head, layout
from asgitrace.views.groups.grouping import Groups, Tally
from asgitrace.views.groups.keys import GROUPINGS, Grouping
from asgitrace.views.groups.lines import GroupLines
from asgitrace.views.units import format_count, format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from asgitrace.tui.feed import Feed
    from asgitrace.views.lines import Cells
    from asgitrace.views.look import Look

_TREND: Final = 24
"""Steps of time of which each group has a rate."""

_EMPTY: Final = "There are no exchanges in view yet."
_HINTS: Final = (
    ("back", "back", "back"),
    ("choose", "exchanges", "show"),
    ("tab", "group by", "next(1)"),
    ("\u2190 \u2192", "sort by", "sort_beside(1)"),
    ("reverse", "reverse", "reverse"),
    ("copy", "copy", "copy"),
)


class GroupsScreen(OverviewScreen[Groups]):
    """Returns the filter term of the group whose exchanges are to be shown, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("back"),
        bind("close", "back"),
        bind("groups", "back"),
        Binding("tab", "next(1)", "Group by the next", show=False),
        Binding("shift+tab", "next(-1)", "Group by the one before", show=False),
        *(
            Binding(str(key), f"group_by({key - 1})", f"By {by.title}", show=False)
            for key, by in enumerate(GROUPINGS, start=1)
        ),
        bind("sort", "sort_beside(1)"),
        bind("reverse"),
        bind("copy"),
        bind("quit", "app.quit"),
    ]

    def __init__(
        self, feed: "Feed", clock: "Callable[[], int]", look: "Callable[[], Look]"
    ) -> None:
        super().__init__(feed, clock, look, "Groups by", [by.title for by in GROUPINGS])
        self._keys = {by.name: by.keys(feed.store) for by in GROUPINGS}
        self._by: Grouping = GROUPINGS[0]
        self._order = Order()
        self._groups: Groups | None = None
        self._list = GroupList(id="groups")
        self._head = GroupHead(self._titles, self._list)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._head
        yield self._list
        yield SearchBar()
        yield self._hints

    def on_mount(self) -> None:
        self._hints.show_keys(_HINTS)
        self._list.focus()
        self.tick()
        self.set_interval(TICK, self.tick)

    # What is shown

    def _count(self) -> "Generator[None, None, Groups | None]":
        tally = Tally(
            self._feed.store,
            self._keys[self._by.name],
            failed_at,
            shown=lambda: in_view(self._feed),
        )
        return tally.run(all_steps(self._feed, self._now, _TREND))

    def _take(self, groups: Groups) -> None:
        self._groups = groups
        self._list.empty = _EMPTY
        self._list.replace(GroupLines(groups, self._order, self._by.none))
        count = len(groups) - bool(groups.rest) + groups.rest
        total = groups.total
        note = f"{format_count(total)} exchange{'' if total == 1 else 's'}"
        note += f", {format_count(count)} group{'' if count == 1 else 's'}"
        self._bar.say(self._with_filter(note))
        self._head.refresh()

    def _lines_now(self) -> GroupLines | None:
        lines = self._list.lines
        return lines if isinstance(lines, GroupLines) else None

    def _titles(self, width: int, look: "Look") -> "Cells":
        span = ""
        if self._groups is not None:
            steps = self._groups.steps
            span = format_duration(steps.count * steps.step_ns)
        return head(layout(width), width, look, (self._by.title, look.dim), self._order, span)

    # Which groups, and in which order

    def action_group_by(self, index: int) -> None:
        """Group by something else."""
        self._by = GROUPINGS[index % len(GROUPINGS)]
        self._bar.choose(index % len(GROUPINGS))
        self._list.cursor = 0
        self._passes.restart()
        self._head.refresh()
        self.tick()

    def action_next(self, distance: int) -> None:
        self.action_group_by(GROUPINGS.index(self._by) + distance)

    @on(TopLine.Chosen)
    def _chosen_by_mouse(self, message: TopLine.Chosen) -> None:
        self.action_group_by(message.index)

    def _sort(self, order: Order) -> None:
        self._order = order
        self._head.refresh()
        if self._groups is not None:
            self._list.replace(GroupLines(self._groups, order, self._by.none), 0)

    def action_sort_beside(self, distance: int) -> None:
        """Sort by the column beside the one that it is sorted by."""
        shown = [column.name for column, _ in layout(max(1, self._list.width)).columns]
        self._sort(self._order.moved(distance, shown))

    def action_reverse(self) -> None:
        self._sort(self._order.by(self._order.column))

    @on(GroupHead.Clicked)
    def _head_clicked(self, message: GroupHead.Clicked) -> None:
        self._sort(self._order.by(message.column))

    # What the keys do

    def action_show(self) -> None:
        """Show the exchanges of the group under the cursor."""
        lines, index = self._lines_now(), self._list.current
        if lines is None or index is None:
            self._hints.say("There is no group to show")
            return
        value = lines.value(index)
        if value is None:
            self._hints.say("These are many groups; a filter shows fewer of them")
        else:
            self.dismiss(self._term(lines, index, value))

    def _term(self, lines: GroupLines, index: int, value: str) -> str:
        if self._by.name == "conn" and value:
            return connection_term(self._feed.store, int(value), *lines.range(index))
        return field_term(self._by.name, value)
