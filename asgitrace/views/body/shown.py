"""A body in one rendering: its runs by the renderer's parts, what is missing marked where it is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from asgitrace.views.body.charsets import Decodes, TextDecoder
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.faults import Fault, fault_and_hex, words_of
from asgitrace.views.body.guard import Guard
from asgitrace.views.body.model import Part, Renderer, Sample
from asgitrace.views.lines import Lines, Notes, Stack
from asgitrace.views.marks import GAP

_STEP: Final = 256 * 1024
"""Bytes that a part is fed at a time."""
_MOST_RUNS: Final = 400
"""Runs that are shown: a long stream of which each chunk was cut has one for each."""


def _ignore() -> None:
    """Nobody wants to know."""


class BodyLines(Stack):
    """The lines of a body. They come by and by, as `work` goes on.

    Args:
        source: the bytes.
        renderer: makes the part of each run.
        changed: called when the lines changed in `work`.
        failed: called when a line failed while it was drawn, and `work` will change that.
    """

    def __init__(
        self,
        source: Decoded,
        renderer: Renderer,
        changed: Callable[[], None] = _ignore,
        failed: Callable[[], None] = _ignore,
    ) -> None:
        super().__init__(())
        self.source = source
        self.renderer = renderer
        self._sample = source.sample()
        self._changed = changed
        self._failed = failed
        self._guards: list[Guard] = []
        self._shown: list[Lines] = []
        self._fed = 0
        self._closed = 0
        """Runs that were fed to their end."""
        self._width = 80
        self._advance()

    def grow(self) -> bool:
        """Show some of what has come to the body; True if the lines changed."""
        changed = self.source.work()
        return self._advance() or changed

    @property
    def decoder(self) -> TextDecoder | None:
        """What decodes the text of the first run, where it is shown as text."""
        part = self._guards[0].part if self._guards else None
        return part.decoder if isinstance(part, Decodes) else None

    def _advance(self) -> bool:
        """Feed the next bytes."""
        runs = self.source.runs[:_MOST_RUNS]
        number = self._closed
        changed = False
        if number < len(runs):
            changed = self._feed(number)
        self._parts = [*self._shown, *self._tail()]
        return changed

    def _feed(self, number: int) -> bool:
        runs = self.source.runs
        run = runs[number]
        if number == len(self._guards):
            self._open(number)
        last = number + 1 == len(runs)
        # The bytes are copied since a bytearray that is looked at cannot grow.
        data = bytes(memoryview(run.data)[self._fed : self._fed + _STEP])
        self._fed += len(data)
        final = self._fed == len(run.data) and (self.source.ended or not last)
        if not data and not final:
            return False
        guard = self._guards[number]
        guard.feed(data, final=final)
        if final:
            self._closed += 1
            self._fed = 0
        return True

    def _open(self, number: int) -> None:
        """Begin a run."""
        run = self.source.runs[number]
        before = self.source.runs[number - 1].end if number else 0
        if run.offset > before:
            self._shown.append(_gap(run.offset - before))
        part = self._part(number)
        guard = Guard(part, self.renderer.name, run.data, run.offset, self._failed)
        guard.reflow(self._width)
        self._guards.append(guard)
        self._shown.append(guard)

    def _part(self, number: int) -> Part:
        run = self.source.runs[number]
        sample = self._sample_at(run.offset)
        try:
            return self.renderer.part(sample)
        except Exception as error:
            return _Refused(words_of(error, self.renderer.name), run.data, run.offset)

    def _sample_at(self, offset: int) -> Sample:
        return replace(self._sample, offset=offset)

    def _tail(self) -> list[Lines]:
        """What is said behind the last run."""
        source = self.source
        tail: list[Lines] = []
        beyond = source.runs[_MOST_RUNS:]
        if beyond:
            held = sum(len(run.data) for run in beyond)
            tail.append(Notes([f"{GAP} {len(beyond):,} more pieces, {held:,} bytes {GAP}"], "warn"))
        elif source.missing and self._closed >= len(source.runs) - 1:
            tail.append(_gap(source.missing))
        if source.fault and source.undone:
            tail.append(Fault(source.fault))
        return tail

    @property
    def start(self) -> int:
        """How many bytes of its start the renderer was chosen by."""
        return len(self._sample.start)

    def work(self) -> bool:
        grown = self.grow()
        changed = super().work() or grown
        if changed:
            self._changed()
        return changed

    def reflow(self, width: int) -> None:
        self._width = width
        super().reflow(width)


class _Refused:
    """In place of a part that could not be made."""

    def __init__(self, words: str, data: bytearray, offset: int) -> None:
        self.lines: Lines = fault_and_hex(words, data, offset)

    def feed(self, data: bytes, *, final: bool) -> None:
        """The bytes are looked at when they are drawn."""


def _gap(missing: int) -> Notes:
    return Notes([f"{GAP} {missing:,} bytes not recorded {GAP}"], "warn")
