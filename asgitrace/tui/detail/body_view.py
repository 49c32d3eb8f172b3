"""A body, or a message, in the rendering that suits it or that was chosen."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.message import Message

from asgitrace.tui.commands import bind
from asgitrace.tui.copying import copy
from asgitrace.tui.detail.body_bar import NoteLine
from asgitrace.tui.detail.choices import ChoiceBar
from asgitrace.tui.detail.lines import LineList
from asgitrace.tui.hints import Hint
from asgitrace.views.body.bodies import Body
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.model import SAMPLE_SIZE, Renderer, Sample
from asgitrace.views.body.notes import body_note
from asgitrace.views.body.places import fold_by, path_of, place_of
from asgitrace.views.body.registry import HEX, able, choose, doubt
from asgitrace.views.body.shown import BodyLines
from asgitrace.views.lines import NoLines, clean_text

AS_SENT: Final = "As sent"
"""The choice of the bytes with their content encoding, in hex."""
_ALL: Final = 1 << 30
"""Levels to fold or unfold for all of them."""
_TEXT_MESSAGE: Final = "text"
_BINARY_MESSAGE: Final = "binary"


class Remembered:
    """Which renderer was chosen for which media type, as long as the program runs."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def choose(self, sample: Sample, name: str) -> None:
        """Remember a choice."""
        self._names[_key(sample)] = name

    def of(self, sample: Sample) -> str:
        """The name of what was chosen last; empty if nothing was."""
        return self._names.get(_key(sample), "")


def _key(sample: Sample) -> str:
    return sample.media_type or (_TEXT_MESSAGE if sample.text else _BINARY_MESSAGE)


class BodyView(Container):
    """Shows one `Body`, which may grow.

    Args:
        remembered: shared by the views that are to keep the same choices.
        follows: whether the list can follow what comes.
    """

    DEFAULT_CSS = """
    BodyView { layout: vertical; height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *map(
            bind,
            ("side", "renderer", "fold-level", "unfold-level", "fold-all", "unfold-all", "path"),
        )
    ]

    class LeadPicked(Message):
        """One of the words before the renderers was clicked."""

        def __init__(self, sender: "BodyView", index: int) -> None:
            super().__init__()
            self.sender = sender
            self.index = index

        @property
        def control(self) -> "BodyView":
            return self.sender

    class KeysChanged(Message):
        """Other keys do something, now that something else is under the cursor."""

    def __init__(
        self,
        remembered: Remembered | None = None,
        *,
        follows: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._remembered = Remembered() if remembered is None else remembered
        self._body: Body | None = None
        self._source: Decoded | None = None
        self._lines: BodyLines | None = None
        self._count = 0
        """Lines when they changed last."""
        self._wanted = ""
        """Name of what was chosen for this body; empty for what suits it."""
        self._sample = Sample(b"")
        """What is known of it, decoded."""
        self._able: tuple[Renderer, ...] = ()
        self._doubt = ""
        """Why the content is not what its type says."""
        self._lead: tuple[tuple[str, ...], int] = ((), 0)
        self._told: Sequence[Hint] = ()
        self._bar = ChoiceBar()
        self._note = NoteLine()
        self._list = LineList(follows=follows)

    def compose(self) -> ComposeResult:
        yield self._bar
        yield self._note
        yield self._list

    # What is shown

    def show(self, body: Body | None, *, empty: str = "") -> None:
        """Show a body from its start. ``empty`` is said where there is none, or nothing in it."""
        self._body = body
        self._wanted = ""
        self._list.empty = empty
        self._render_body()

    def grown(self) -> None:
        """The body has changed."""
        if self._lines is None or self._suits_no_longer():
            self._render_body()
            return
        self._lines.grow()
        self._list.grown()
        self._show_bar()

    def lead(self, words: Sequence[str], chosen: int) -> None:
        """Words before the renderers, one of them chosen."""
        self._lead = tuple(words), chosen
        self._show_bar()

    @property
    def focused_list(self) -> LineList:
        """The list that has or would get the focus."""
        return self._list

    @property
    def keys(self) -> Sequence[Hint]:
        """Keys, and what they do, for the line of hints."""
        if self._lines is None:
            return ()
        path = path_of(self._lines, self._list.cursor)
        return (("renderer", "other view", ""), *([("path", "copy path", "")] if path else []))

    def copy_text(self) -> str | None:
        """What a copy gives of the line under the cursor."""
        return None if self._lines is None else self._list.copy_text()

    # For those who take it out

    @property
    def data(self) -> bytes:
        """The bytes that are shown: decoded, as far as that has gone. Gaps are left out."""
        runs = [] if self._source is None else self._source.runs
        return b"".join(run.data for run in runs)

    @property
    def body(self) -> Body | None:
        """The body; None where there is none."""
        return self._body

    @property
    def sent(self) -> bytes:
        """The bytes as they were sent, with their content encoding. Gaps are left out."""
        runs = [] if self._body is None else self._body.runs
        return b"".join(run.data for run in runs)

    @property
    def media_type(self) -> str:
        """Of what is shown; empty where it is not known."""
        return "" if self._source is None else self._source.sample().media_type

    @property
    def complete(self) -> bool:
        """Nothing is missing of ``data``, and all is decoded."""
        return self._source is not None and self._source.complete

    # How it is shown

    def _render_body(self) -> None:
        self._lines = None
        body = self._body
        if body is not None and body.size:
            self._source = Decoded(body, as_sent=self._wanted == AS_SENT)
            if not self._source.as_sent:
                self._judge(self._source.sample())
            self._lines = BodyLines(self._source, self._chosen(), self._changed, self._failed)
        else:
            self._source = None
        self._list.show_lines(NoLines() if self._lines is None else self._lines)
        self._show_bar()

    def _judge(self, sample: Sample) -> None:
        """Find out what can show it; bytes as sent are not judged."""
        self._sample, self._able, self._doubt = sample, able(sample), doubt(sample)

    def _chosen(self) -> Renderer:
        if self._wanted == AS_SENT:
            return HEX
        wanted = self._wanted or self._remembered.of(self._sample)
        named = (found for found in self._able if found.name == wanted)
        return next(named, None) or choose(self._sample)

    def _suits_no_longer(self) -> bool:
        """A body that has only begun may turn out to be something else."""
        source, lines = self._source, self._lines
        if source is None or lines is None or lines.start >= SAMPLE_SIZE:
            return False
        if source.as_sent:
            return False
        self._judge(source.sample())
        return self._chosen() is not lines.renderer

    def _changed(self) -> None:
        """The lines changed by themselves."""
        if self.is_mounted:
            self.call_later(self._follow_lines)

    def _failed(self) -> None:
        """A line failed while it was drawn: others come in its place."""
        if self.is_mounted:
            self.call_later(self._list.grown)

    def _follow_lines(self) -> None:
        if self._suits_no_longer():
            self._render_body()
            return
        count = 0 if self._lines is None else len(self._lines)
        if count == self._count:
            # The list sees for itself when there are more.
            self._list.repaint()
        self._count = count
        self._show_bar()

    def _show_bar(self) -> None:
        keys = self.keys
        if keys != self._told:
            self._told = keys
            self.post_message(self.KeysChanged())
        groups = [self._lead] if self._lead[0] else []
        if self._lines is None or self._source is None:
            self._bar.show(*groups)
            self._note.show("", "dim", "")
            return
        names = self._names
        name = AS_SENT if self._source.as_sent else self._lines.renderer.name
        self._bar.show(*groups, (names, names.index(name)))
        note, style = body_note(self._source, self._lines.decoder)
        note = f"{self._doubt} · {note}" if self._doubt else note
        self._note.show(note, style, self._place())

    @property
    def _names(self) -> list[str]:
        names = [renderer.name for renderer in self._able]
        encoded = self._source is not None and self._source.codings
        return [*names, AS_SENT] if encoded else names

    def _place(self) -> str:
        return "" if self._lines is None else place_of(self._lines, self._list.cursor)

    # What it is told

    def action_renderer(self) -> None:
        """The next way to show it that is possible."""
        if self._lines is None or self._source is None:
            return
        names = self._names
        current = AS_SENT if self._source.as_sent else self._lines.renderer.name
        self._pick(names[(names.index(current) + 1) % len(names)])

    def action_side(self) -> None:
        """The next of the words before the renderers."""
        words, chosen = self._lead
        if not words:
            raise SkipAction
        self.post_message(self.LeadPicked(self, (chosen + 1) % len(words)))

    def _pick(self, name: str) -> None:
        if self._source is None:
            return
        self._wanted = name
        if name != AS_SENT:
            self._remembered.choose(self._sample, name)
        self._render_body()

    def action_fold_levels(self, levels: int) -> None:
        """Unfold some levels more, or fold some away."""
        if self._lines is None:
            return
        place = fold_by(self._lines, levels, self._list.cursor)
        if place is not None:
            self._list.follow = False
            self._list.grown()
            self._list.select(place)
            self._show_bar()

    def action_fold_all(self, direction: int) -> None:
        """Fold all, or unfold all."""
        self.action_fold_levels(direction * _ALL)

    def action_copy_path(self) -> None:
        """The path of the value under the cursor to the clipboard."""
        path = "" if self._lines is None else path_of(self._lines, self._list.cursor)
        if path:
            self.run_worker(self._copy(path), group="copy", exclusive=True)

    async def _copy(self, path: str) -> None:
        copied = await copy(self.app, clean_text(path))
        self._note.say(f"Copied: {path}" if copied.ways else copied.sentence)

    @on(ChoiceBar.Picked)
    def _picked(self, message: ChoiceBar.Picked) -> None:
        message.stop()
        if self._lead[0] and message.group == 0:
            self.post_message(self.LeadPicked(self, message.index))
        else:
            self._pick(self._names[message.index])

    @on(NoteLine.Clicked)
    def _note_clicked(self, message: NoteLine.Clicked) -> None:
        message.stop()
        self.action_copy_path()

    @on(LineList.Moved)
    def _moved(self) -> None:
        self._show_bar()
