"""Asks for a time to go to."""

from asgitrace.tui.prompt import Prompt
from asgitrace.views.moments import NoMoment, moment
from asgitrace.views.units import format_clock


class TimePrompt(Prompt[int | None]):
    """A wall time in ns, or None where it was called off."""

    def __init__(self, base_ns: int) -> None:
        """``base_ns`` is when the selected row began."""
        super().__init__(
            f"Go to a time   the selected row began at {format_clock(base_ns)}",
            "go",
            placeholder="14:03   14:03:22   +30s   -2m   @1699999999",
            longest=40,
        )
        self._base = base_ns

    def answer(self, text: str) -> None:
        try:
            self.dismiss(moment(text, self._base))
        except NoMoment as error:
            self.wrong(str(error))
