"""Log records of the app's process: what their handlers write is told from the rest, and a record
that none of them wrote to a stream is told to the parent.

Nothing that the app configures is touched, and nothing is asked of it: the handlers are called as
ever, in the same thread, with the same record.
"""

import asyncio
import contextlib
import logging
import logging.handlers
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any, Final

from asgitrace.process.output import Mark, Output, level_of, name_of

_AWAITED: Final = 4096
"""Records in queues whose exchange is remembered."""

_TEXT_LIMIT: Final = 65_536
_OWN: Final = "asgitrace.server"

_NO_RECORD: Final = Mark(1, b"", 0)

_formatter: Final = logging.Formatter()


class LogTap:
    """Stands around the calls of handlers."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._framer = output.framer
        self._marks = output.framer.marks
        # By when and in which thread a record was made: what comes out of a queue is a copy.
        self._awaited: OrderedDict[tuple[float, int | None], int] = OrderedDict()

    def install(self) -> None:
        """Stand around those of all loggers, and of listeners to queues."""
        around, awaited = self._around, self._awaited
        to_handlers = logging.Logger.callHandlers
        to_listener = logging.handlers.QueueListener.handle

        def awaiting(record: logging.LogRecord) -> int:
            return awaited.pop((record.created, record.thread), 0)

        # Where coverage looks for these, they are not: they go by the name of another file.

        def callHandlers(  # pragma: no cover
            self: logging.Logger, record: logging.LogRecord
        ) -> None:
            around(to_handlers, self, record, _handlers, _nobodys)

        def handle(  # pragma: no cover
            self: logging.handlers.QueueListener, record: logging.LogRecord
        ) -> None:
            around(to_listener, self, record, _listeners, awaiting)

        for own, theirs in ((callHandlers, to_handlers), (handle, to_listener)):
            _pose(own, theirs)
        _pose(LogTap._around, to_handlers)
        logging.Logger.callHandlers = callHandlers  # type: ignore[method-assign]
        logging.handlers.QueueListener.handle = handle  # type: ignore[method-assign]

    def _around(  # pragma: no cover
        self,
        call: Callable[[Any, logging.LogRecord], None],
        owner: Any,
        record: logging.LogRecord,
        handlers: Callable[[Any], Iterable[logging.Handler]],
        exchange: Callable[[logging.LogRecord], int | None],
    ) -> None:
        """Call handlers; what they write is the record's."""
        marks = self._marks
        before, wrote = marks.mark, marks.wrote
        try:
            marks.mark = Mark(level_of(record.levelno), name_of(str(record.name)), exchange(record))
        except Exception:
            # No record at all: the app's own listener knows what to do with it.
            marks.mark = _NO_RECORD
        marks.wrote = False
        try:
            call(owner, record)
            if not marks.wrote:
                # Ours to get wrong, not the app's.
                with contextlib.suppress(Exception):
                    self._unheard(record, handlers(owner))
        finally:
            marks.mark, marks.wrote = before, wrote

    def _unheard(self, record: logging.LogRecord, handlers: Iterable[logging.Handler]) -> None:
        """No handler has written to a stream: tell the record, unless all refused it, or it waits
        in a queue."""
        found = list(handlers)
        takers = [handler for handler in found if record.levelno >= handler.level]
        if any(isinstance(handler, logging.handlers.QueueHandler) for handler in takers):
            self._awaited[record.created, record.thread] = self._framer.exchange
            while len(self._awaited) > _AWAITED:
                self._awaited.popitem(last=False)
        elif takers or not found:
            self._output.tell(_text_of(record)[:_TEXT_LIMIT])


def _handlers(logger: logging.Logger) -> Iterator[logging.Handler]:
    """The handlers that a record of this logger meets."""
    at: logging.Logger | None = logger
    while at is not None:
        yield from at.handlers
        at = at.parent if at.propagate else None


def _listeners(listener: logging.handlers.QueueListener) -> Iterable[logging.Handler]:
    return listener.handlers


def _text_of(record: logging.LogRecord) -> str:
    text = getattr(record, "message", None)
    if not isinstance(text, str):
        # No handler has made it: the arguments may not fit.
        try:
            text = record.getMessage()
        except Exception:
            text = str(record.msg)
    if record.exc_info:
        text += "\n" + (record.exc_text or _formatter.formatException(record.exc_info))
    if record.stack_info:
        text += "\n" + _formatter.formatStack(record.stack_info)
    return text


def _nobodys(record: logging.LogRecord) -> int | None:
    """0 where a record is the server's, from a callback: these have the context of whichever app
    last asked for more."""
    if not record.name.startswith(_OWN):
        return None
    try:
        return 0 if asyncio.current_task() is None else None
    except RuntimeError:
        return 0


def _pose(function: FunctionType | Callable[..., Any], theirs: Callable[..., Any]) -> None:
    """Let a function be of the same file as another: who asks where a record was made passes by the
    frames of logging's own."""
    file = theirs.__code__.co_filename
    function.__code__ = function.__code__.replace(co_filename=file)
