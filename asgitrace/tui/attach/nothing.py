"""What is said where nothing runs: how an app is traced."""

from typing import Final

from rich.segment import Segment

from asgitrace.views.lines import Cells, Lines, style_of
from asgitrace.views.look import Look
from asgitrace.views.rows import fit

_IN_CODE: Final = "import asgitrace\n\napp = asgitrace.trace(app)\n"
_LINES: Final = (
    ("", "dim", ""),
    ("Nothing runs that is traced.", "strong", ""),
    ("", "dim", ""),
    ("In your code, where the app is made; then start your server as usual:", "dim", ""),
    ("", "dim", ""),
    ("    import asgitrace", "text", _IN_CODE),
    ("    app = asgitrace.trace(app)", "text", _IN_CODE),
    ("", "dim", ""),
    ("Or without touching it:", "dim", ""),
    ("", "dim", ""),
    ("    asgitrace main:app", "text", "asgitrace main:app"),
    ("", "dim", ""),
    ("It is listed here as soon as the app is called for the first time.", "dim", ""),
)  # fmt: skip
"""Each line with its style, and what a copy of it gives where that is a snippet."""

FIRST: Final = next(at for at, (_, _, copy) in enumerate(_LINES) if copy)
"""The first line that is worth a copy."""


class NothingRuns(Lines):
    """A few sentences, and snippets that can be copied."""

    def __len__(self) -> int:
        return len(_LINES)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        words, style, _ = _LINES[index]
        return [Segment(fit(f"  {words}", width, look), style_of(look, style))]

    def text(self, index: int) -> str:
        words, _, snippet = _LINES[index]
        return snippet or words
