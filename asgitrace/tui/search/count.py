"""What came of a search, beside the line in which one types it."""

from asgitrace.tui.right_note import RightNote


class SearchCount(RightNote):
    """How many matches, or why there is none."""

    DEFAULT_CSS = """
    SearchCount { width: 72; max-width: 60%; }
    """

    def show(self, text: str, *, wrong: bool) -> None:
        """Show this from now on."""
        self.say(text, "bad" if wrong else "dim")
