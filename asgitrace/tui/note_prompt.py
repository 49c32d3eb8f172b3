"""Asks for tags and a comment."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static, TextArea

from asgitrace.store.annotation import Annotation
from asgitrace.store.annotations import COMMENT_LIMIT, TAG_LIMIT
from asgitrace.tui.hints import HintBar
from asgitrace.views.clean import clean
from asgitrace.views.look import Look

_BETWEEN: Final = re.compile(r"[\s,]+")
_SHOWN: Final = 12
_ON_TAGS: Final = (
    ("enter", "save", "save"),
    ("tab", "comment", "focus_next"),
    ("esc", "cancel", "cancel"),
)
_ON_COMMENT: Final = (
    ("ctrl+s", "save", "save"),
    ("tab", "tags", "focus_next"),
    ("esc", "cancel", "cancel"),
)
"""Enter is a new line in the comment."""


class TagSuggester(Suggester):
    """Ends the last tag like one that is in use."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._tags = tags

    async def get_suggestion(self, value: str) -> str | None:
        typed = tags_of(value)
        if not typed or value[-1:] in (" ", ","):
            return None
        last = typed[-1]
        found = next((tag for tag in self._tags if tag.startswith(last) and tag not in typed), None)
        return None if found is None else value + found[len(last) :]


def tags_of(text: str) -> list[str]:
    """The tags in a line, separated by spaces or commas."""
    return [tag for tag in _BETWEEN.split(text) if tag]


class NotePrompt(ModalScreen[Annotation | None]):
    """The annotation as it is to be, or None where that was called off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
    ]

    DEFAULT_CSS = """
    NotePrompt { align: center middle; background: $background 60%; }
    NotePrompt #note-box {
        width: 76; max-width: 96%; height: auto; padding: 1 2; background: $panel;
    }
    NotePrompt #note-title { padding-bottom: 1; }
    NotePrompt .note-label { color: $text-dim; }
    NotePrompt #note-tags { background: $background; &:focus { background-tint: transparent; } }
    NotePrompt #note-used { color: $text-dim; padding-bottom: 1; }
    NotePrompt #note-comment {
        height: 4; border: none; padding: 0; margin-bottom: 1; background: $background;
        & .text-area--cursor-line { background: $background; }
    }
    """

    def __init__(
        self, name: str, note: Annotation, tags: Sequence[str], look: Callable[[], Look]
    ) -> None:
        super().__init__()
        self._name = name
        self._note = note
        self._tags = tags
        self._hints = HintBar(look, raised=True)

    def compose(self) -> ComposeResult:
        with Vertical(id="note-box"):
            yield Static(Content(f"Tags and comment on {self._name}"), id="note-title")
            yield Static(Content("tags"), classes="note-label")
            yield Input(
                " ".join(self._note.tags),
                placeholder="words, separated by spaces",
                compact=True,
                select_on_focus=False,
                suggester=TagSuggester(self._tags),
                id="note-tags",
            )
            yield Static(Content(self._used()), id="note-used")
            yield Static(Content("comment"), classes="note-label")
            yield TextArea(
                self._note.comment, compact=True, tab_behavior="focus", id="note-comment"
            )
            yield self._hints

    def _used(self) -> str:
        if not self._tags:
            return ""
        more = ["\u2026"] if len(self._tags) > _SHOWN else []
        return "in use: " + "  ".join([*map(clean, self._tags[:_SHOWN]), *more])

    def on_mount(self) -> None:
        self.query_one("#note-tags").focus()

    @on(DescendantFocus)
    def _focus_moved(self, event: DescendantFocus) -> None:
        self._hints.show_keys(_ON_COMMENT if event.widget.id == "note-comment" else _ON_TAGS)

    def on_input_submitted(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        tags = tags_of(self.query_one("#note-tags", Input).value)
        comment = self.query_one("#note-comment", TextArea).text.strip()[:COMMENT_LIMIT]
        cut = tuple(tag[:TAG_LIMIT] for tag in tags)
        self.dismiss(replace(self._note, tags=cut, comment=comment))

    def action_cancel(self) -> None:
        self.dismiss(None)
