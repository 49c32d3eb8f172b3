"""Lines of a renderer, of which no error gets out."""

from collections.abc import Callable, Iterator, Sequence

from asgitrace.views.body.faults import Fault, fault_and_hex, words_of
from asgitrace.views.body.model import Part
from asgitrace.views.lines import Cells, Lines
from asgitrace.views.look import Look
from asgitrace.views.needle import Needle, NeedleError, Span


class Guard(Lines):
    """The lines of a part. Once it fails, its error and the bytes in hex are there instead.

    Args:
        part: what shows the run.
        name: of the renderer.
        data: the bytes of the run, which may grow.
        offset: of the run in the body.
        failed: called when an error was met while the lines were drawn.
    """

    def __init__(
        self, part: Part, name: str, data: bytearray, offset: int, failed: Callable[[], None]
    ) -> None:
        self._name = name
        self.part: Part | None = part
        self._lines = part.lines
        self._data = data
        self._offset = offset
        self._failed = failed
        self._width = 80
        self._error: Exception | None = None

    def feed(self, data: bytes, *, final: bool) -> None:
        """Hand on what came."""
        if self.part is None:
            return
        try:
            self.part.feed(data, final=final)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.part = None
        self._error = None
        self._lines = fault_and_hex(words_of(error, self._name), self._data, self._offset)
        self._lines.reflow(self._width)

    def _note(self, error: Exception) -> str:
        """Lines cannot be changed while they are drawn: that is done at the next work."""
        if self._error is None:
            self._error = error
            self._failed()
        return words_of(error, self._name)

    def __len__(self) -> int:
        return len(self._lines)

    def cells(self, index: int, width: int, look: Look) -> Cells:
        try:
            return self._lines.cells(index, width, look)
        except Exception as error:
            return Fault(self._note(error)).cells(0, width, look)

    def text(self, index: int) -> str:
        try:
            return self._lines.text(index)
        except Exception as error:
            return self._note(error)

    def searched(self, index: int) -> str:
        try:
            return self._lines.searched(index)
        except Exception as error:
            return self._note(error)

    def inside(self, index: int) -> tuple[Lines, int]:
        """The renderer's lines."""
        return self._lines, index

    @property
    def parts(self) -> Sequence[Lines]:
        """They are one."""
        return (self._lines,)

    def reflow(self, width: int) -> None:
        self._width = width
        try:
            self._lines.reflow(width)
        except Exception as error:
            self._fail(error)

    def work(self) -> bool:
        if self._error is not None:
            self._fail(self._error)
            return True
        try:
            return self._lines.work()
        except Exception as error:
            self._fail(error)
            return True

    def toggle(self, index: int, opened: bool | None = None) -> bool:
        try:
            return self._lines.toggle(index, opened)
        except Exception as error:
            self._fail(error)
            return True

    def parent(self, index: int) -> int:
        try:
            return self._lines.parent(index)
        except Exception as error:
            self._note(error)
            return index

    def search(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        try:
            yield from self._lines.search(needle, start, step)
        except NeedleError:
            raise
        except Exception as error:
            self._note(error)

    def matching(self, needle: Needle, start: int, step: int) -> Iterator[int | None]:
        try:
            yield from self._lines.matching(needle, start, step)
        except NeedleError:
            raise
        except Exception as error:
            self._note(error)

    def marks(self, index: int, needle: Needle) -> list[Span] | None:
        try:
            return self._lines.marks(index, needle)
        except NeedleError:
            raise
        except Exception as error:
            self._note(error)
            return None
