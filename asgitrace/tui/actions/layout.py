"""How list and detail share the screen, and in which colours."""

from textual import events, on

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.panes import LIST_ALONE, SAID, STEP, Divider, Grip, next_mode, shape_of, within
from asgitrace.tui.theme import NAMES, colours_of, theme_name


class LayoutActions(ActionBase):
    """Layouts, the border between list and detail, themes."""

    def lay_out(self) -> None:
        """Put list and detail where they belong at this size of the screen."""
        state = self.trace_app.state
        shape = shape_of(state.layout, self.app.size)
        # What is asked for elsewhere; no style goes by it, or all would be worked out anew.
        shapes = {f"-{name}": name == shape for name in ("below", "beside", "alone")}
        self.update_classes(shapes, update=False)
        pane, detail = self.query_one("#list-pane"), self.query_one("DetailPane")
        if shape == "beside":
            pane.styles.width = f"{state.share_beside}fr"
            detail.styles.width = f"{100 - state.share_beside}fr"
            pane.styles.height = detail.styles.height = "1fr"
        else:
            pane.styles.width = detail.styles.width = "1fr"
            pane.styles.height = f"{state.share_below}fr"
            detail.styles.height = f"{100 - state.share_below}fr"
        beside = self.detail_open and shape == "beside"
        detail.display = self.detail_open
        pane.display = not (self.detail_open and shape == "alone")
        self.query_one(Divider).display = beside
        self.query_one("#panes").styles.layout = "horizontal" if beside else "vertical"

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()

    def action_layout(self) -> None:
        """The next layout: by the shape of the screen, over, beside, detail alone, list alone."""
        mode = self.trace_app.state.layout
        self.action_set_layout(next_mode(mode, opened=self.detail_open, size=self.app.size))

    def action_set_layout(self, mode: str) -> None:
        """A layout by its name. Selection, scroll and, if it is still seen, focus stay."""
        in_detail = self.detail_open and self.detail.has_focus_within
        if mode == LIST_ALONE:
            self.close_detail()
        else:
            self.trace_app.state.layout = mode
            self.lay_out()
            if not self.detail_open:
                self.open_detail(self.table.cursor.current)
            if in_detail or self.has_class("-alone"):
                self.detail.focus_inside()
            else:
                self.table.focus()
        self.hints.say(f"Layout: {SAID[mode]}")

    def action_split(self, direction: int) -> None:
        """Move the border between list and detail."""
        if self.detail_open and not self.has_class("-alone"):
            self._share(self._shared + direction * STEP)

    @property
    def _shared(self) -> int:
        state = self.trace_app.state
        return state.share_beside if self.has_class("-beside") else state.share_below

    def _share(self, share: float) -> None:
        state = self.trace_app.state
        if self.has_class("-beside"):
            state.share_beside = within(share)
        else:
            state.share_below = within(share)
        self.lay_out()

    @on(Grip.Dragged)
    def _dragged(self, message: Grip.Dragged) -> None:
        message.stop()
        room = self.query_one("#panes").region
        if self.has_class("-beside"):
            self._share(100 * (message.x - room.x) / max(1, room.width))
        elif self.has_class("-below"):
            self._share(100 * (message.y - room.y) / max(1, room.height))

    def action_theme(self) -> None:
        """The next theme."""
        at = NAMES.index(colours_of(self.app.theme).name)
        self.action_set_theme(NAMES[(at + 1) % len(NAMES)])

    def action_set_theme(self, name: str) -> None:
        """A theme by its name, also for the next run."""
        self.app.theme = theme_name(name)
        self.hints.say(f"Theme: {name}")
