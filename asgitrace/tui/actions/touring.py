"""The tour: offered, begun, gone through and left."""

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from textual import events
from textual.screen import SystemModalScreen
from textual.timer import Timer
from textual.widgets import Input

from asgitrace.tui.actions.base import ActionBase
from asgitrace.tui.commands import BY_NAME
from asgitrace.tui.taking import TakesKeys
from asgitrace.tui.tour import OFFER, STEPS, words_of
from asgitrace.tui.tour_panel import Telling, TourPanel

if TYPE_CHECKING:
    from asgitrace.tui.main_screen import MainScreen

_LOOK_SECONDS: Final = 0.1
"""How often it is looked whether a step was done."""
_OFFERED: Final = -1


class TourActions(ActionBase, TakesKeys):
    """What the tour does on the screens. No key of another's is taken from it."""

    _at: int | None = None
    """The step; None while there is no tour."""
    _panel: TourPanel | None = None
    _looking: Timer

    @property
    def tour_offered(self) -> bool:
        """Whether there is a tour to be offered: where the app is the demo's."""
        return bool(self.trace_app.tour)

    def begin_touring(self) -> None:
        """Offer the tour, or begin it, as was asked for at the start."""
        wish = self.trace_app.tour
        if wish:
            self._go(0 if wish == "begin" else _OFFERED)

    def action_tour(self) -> None:
        """Begin the tour, or go on to the next step."""
        at = _OFFERED if self._at is None else self._at
        if at + 1 < len(STEPS):
            self._go(at + 1)
        else:
            self.action_tour_end()

    def action_tour_end(self) -> None:
        """Leave the tour."""
        if self._at is None:
            self.hints.say("There is no tour at present")
            return
        self._at = None
        self._looking.stop()
        self._remove_panel()

    async def take(self, event: events.Event) -> bool:
        """Escape leaves the tour, but where it leaves a line that is typed."""
        if isinstance(event, events.Key) and self._at is not None:
            typing = isinstance(self.focused, Input)
            if not typing and event.key in self.trace_app.keymap.keys("back"):
                self.action_tour_end()
                return True
        return await super().take(event)

    def _go(self, at: int) -> None:
        if self._at is None:
            self._looking = self.set_interval(_LOOK_SECONDS, self._look_on)
            keys = self.trace_app.keymap.keys("tour")
            if keys:
                # On the other screens too.
                self.app.bind(",".join(keys), "tour", show=False)
        self._at = at
        self._show_panel()

    def _look_on(self) -> None:
        """Follow the user to other screens, and on to the next step."""
        if self._at is None:
            return
        if self._at != _OFFERED and STEPS[self._at].done(cast("MainScreen", self)):
            self._at += 1
        self._show_panel()

    def _show_panel(self) -> None:
        """Let the panel be at the foot of the screen that is seen."""
        screen = self.app.screen
        panel = self._panel
        if isinstance(screen, SystemModalScreen):
            return
        if panel is None or panel.parent is not screen:
            self._remove_panel()
            self._panel = TourPanel(self.trace_app.current_look, self._telling, self._chosen)
            screen.mount(self._panel)
        elif self._told != (told := self._telling()):
            self._told = told
            panel.refresh()

    _told: Telling | None = None
    """What the panel said last."""

    def _remove_panel(self) -> None:
        if self._panel is not None:
            if self._panel.is_attached:
                self._panel.remove()
            self._panel = None

    def _chosen(self, action: str) -> None:
        """A word of the panel was clicked."""
        if action == "tour":
            self.action_tour()
        else:
            self.action_tour_end()

    def _telling(self) -> Telling:
        app = self.trace_app
        at = _OFFERED if self._at is None else self._at
        step = OFFER if at == _OFFERED else STEPS[at]
        names = partial(app.keymap.first, plain=app.plain)
        return Telling(
            title=step.title,
            count="" if at == _OFFERED else f"{at + 1} of {len(STEPS)}",
            words=words_of(step, {name: names(name) or f"({name})" for name in BY_NAME}),
            next_key=names("tour"),
            does="begin" if at == _OFFERED else "next" if at + 1 < len(STEPS) else "done",
            end_key=names("back"),
        )
