"""A part for renderers that need all bytes at once."""

from collections.abc import Callable
from typing import Final

from asgitrace.views.body.aside import Aside, TookTooLong
from asgitrace.views.body.faults import Fault, fault_and_hex, words_of
from asgitrace.views.body.model import Part, Sample
from asgitrace.views.lines import Lines, NoLines, Notes, Stack
from asgitrace.views.units import format_size

LIMIT: Final = 4 * 1024 * 1024
"""Bytes that are given to a renderer at once."""

_SMALL: Final = 64 * 1024
"""Up to here a body that grows is rendered anew whenever something came; beyond, when it has grown
by a quarter."""

Render = Callable[[bytes, Sample], Lines]


def whole(render: Render, limit: int = LIMIT) -> Callable[[Sample], Part]:
    """What makes parts that collect up to ``limit`` bytes and have ``render`` show them: at the
    end, and now and then while they come. A slow one runs aside and is ended after some seconds;
    where one fails, its error and the bytes in hex are seen."""

    def part(sample: Sample) -> Part:
        return _Whole(render, sample, limit)

    return part


class _Whole(Stack):
    """The collected bytes, and what they are shown as, in one."""

    def __init__(self, render: Render, sample: Sample, limit: int) -> None:
        super().__init__(())
        self.lines: Lines = self
        self._render = render
        self._sample = sample
        self._limit = limit
        self._data = bytearray()
        self._size = 0
        self._rendered = -1
        self._final = False
        self._job: Aside[Lines] | None = None
        self._width = 80

    def feed(self, data: bytes, *, final: bool) -> None:
        """Take in what came."""
        self._size += len(data)
        self._data += data[: self._limit - len(self._data)]
        self._final = final
        self._begin()
        self._look()

    def _begin(self) -> None:
        if self._job is not None or self._rendered == len(self._data):
            return
        grown = len(self._data) - self._rendered
        if self._final or self._rendered < _SMALL or grown * 4 >= self._rendered:
            data, sample, render = bytes(self._data), self._sample, self._render
            self._rendered = len(data)
            self._job = Aside(lambda: render(data, sample))
            if not self._parts:
                self._parts = [Notes([" rendering"])]

    def _look(self) -> None:
        """Show what was rendered meanwhile."""
        if self._job is None or not self._job.done():
            return
        job, self._job = self._job, None
        try:
            lines = job.result()
            lines.reflow(self._width)
        except Exception as error:
            words = str(error) if isinstance(error, TookTooLong) else words_of(error)
            lines = fault_and_hex(words, self._data, self._sample.offset)
            lines.reflow(self._width)
        beyond = self._size - len(self._data)
        rest = f"{format_size(beyond)} beyond the first {format_size(self._limit)} are not shown"
        self._parts = [lines, Fault(rest) if beyond else NoLines()]

    def work(self) -> bool:
        if self._job is None:
            self._begin()
            return self._job is not None or super().work()
        self._look()
        # While it is rendered this must be asked again, so it counts as a change.
        return True

    def reflow(self, width: int) -> None:
        self._width = width
        super().reflow(width)
