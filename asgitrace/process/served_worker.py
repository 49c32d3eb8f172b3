"""In each process of another server that imports the app: what makes it one of ours.

The app is loaded and wrapped, its output is framed where it goes to asgitrace, and the recorder,
which is made when the app is first called, is that of the process after any fork. Nothing here may
disturb the server: whoever started it may be gone."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import msgspec

from asgitrace.asgi import App, Receive, Scope, Send
from asgitrace.errors import AsgitraceError, OptionError
from asgitrace.process.debugging import Debugging
from asgitrace.process.import_failures import import_failure, print_own_traceback
from asgitrace.process.interface import fit
from asgitrace.process.output import CURRENT, Output
from asgitrace.process.output_logging import LogTap
from asgitrace.process.spec import (
    REFUSED_STATUS,
    REPORTS,
    SERVED,
    Answer,
    Denied,
    Loaded,
    Refused,
    Report,
    Served,
    Serving,
)
from asgitrace.process.target import load_app
from asgitrace.recorder import Recorder, Trace
from asgitrace.recorder.loop import LoopMeter
from asgitrace.recorder.process import process_recorder
from asgitrace.sampling import sampler

_UNSERVED: Final = (
    "asgitrace.process.served_app is for servers that asgitrace starts; "
    "run: asgitrace module:app --server uvicorn."
)


def load_served() -> App:
    """The app that the environment names, recorded. Ends the process where it cannot be imported,
    which has then been told. Raises OptionError where the environment names none."""
    told = os.environ.get(SERVED)
    if told is None:
        raise OptionError(_UNSERVED)
    return Worker(msgspec.json.decode(told, type=Served)).load()


class Worker:
    """This process, as one of those that the server has for the app."""

    def __init__(self, served: Served) -> None:
        self._spec = served.spec
        self._superior = Superior(Path(served.folder))
        self._output: Output | None = None
        self._meter: LoopMeter | None = None
        if [_identity(1), _identity(2)] == list(served.pipes):
            self._output = output = Output(served.mark)
            _frame(output)
        self._debugging = Debugging(self._superior, None, CURRENT.get, _nobody_diverts)
        self._debugging.install()

    def load(self) -> App:
        """Import the app and wrap it."""
        spec, superior = self._spec, self._superior
        try:
            app = load_app(spec.target, spec.app_dir, factory=spec.factory)
            fitted = fit(app, spec.interface, spec.target)
        except AsgitraceError as error:
            superior.report(Refused(str(error)))
            raise SystemExit(REFUSED_STATUS) from None
        except BaseException as error:
            if superior.first_to_say("traceback"):
                print_own_traceback(error)
            superior.report(import_failure(spec.target, error))
            raise SystemExit(1) from None
        if fitted.note and superior.first_to_say("interface"):
            print(f"asgitrace: {fitted.note}", file=sys.stderr)
        superior.report(Loaded(os.getpid()))
        process_recorder.arrange(spec.target, CURRENT.set, self._made)
        if isinstance(fitted.app, Trace):
            # Wrapped by its author; what crosses the boundary is not to be recorded twice.
            return _as_function(fitted.app)
        return _as_function(
            Trace(
                fitted.app,
                body_limit=spec.body_limit,
                buffer=spec.buffer,
                sample=sampler(spec.sample),
                keep_errors=spec.keep_errors,
                legacy=fitted.legacy,
            )
        )

    def _made(self, recorder: Recorder) -> None:
        """The app is called for the first time: within the loop, if it is asyncio's, and in a
        process that may have been forked since the app was imported."""
        self._debugging.adopt()
        if self._output is not None:
            self._output.framer.adopt()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._superior.report(Serving("trio" if "trio" in sys.modules else ""))
            return
        if self._meter is not None:
            self._meter.stop()
        self._debugging.loop = loop
        self._meter = self._debugging.meter = LoopMeter(recorder, loop)
        self._meter.start()
        if self._output is not None:
            self._output.stop()
            self._output.start(loop)
        self._superior.report(Serving(type(loop).__module__.partition(".")[0]))


class Superior:
    """Whoever had the server started, as far as it is still there: it hears reports, and has no
    terminal to give."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def report(self, report: Report) -> None:
        """Tell it; without waiting, and whole or not at all."""
        with contextlib.suppress(OSError):
            fd = os.open(self._folder / REPORTS, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(fd, msgspec.json.encode(report) + b"\n")
            finally:
                os.close(fd)

    def first_to_say(self, what: str) -> bool:
        """Whether no process of this run has said this yet."""
        try:
            os.close(os.open(self._folder / what, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            return False
        except OSError:
            return True
        return True

    def ask(self, report: Report) -> tuple[Answer, int | None]:
        """A debugger wants a terminal: there is none to be had of another server's process."""
        return Denied(), None


def _nobody_diverts(fds: Mapping[int, int]) -> AbstractContextManager[None]:
    """There is no terminal that output could go to."""
    return contextlib.nullcontext()


def _as_function(app: Trace) -> App:
    """The app as what no server takes for anything else than ASGI 3: each judges in its own way by
    what it is given, and what the app looks like is settled already."""

    async def served(scope: Scope, receive: Receive, send: Send) -> Any:
        return await app(scope, receive, send)

    return served


def _identity(fd: int) -> tuple[int, int]:
    try:
        found = os.fstat(fd)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _frame(output: Output) -> None:
    """Frame what is written to the standard streams, also by handlers that had them before: the
    server has set up its log before it imported the app."""
    before = {id(sys.stdout): "stdout", id(sys.stderr): "stderr"}
    output.install()
    for handler in _stream_handlers():
        name = before.get(id(handler.stream))
        if name is not None:
            handler.setStream(getattr(sys, name))
    LogTap(output).install()


def _stream_handlers() -> Iterator["logging.StreamHandler[Any]"]:
    loggers = [logging.root, *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler):
                yield handler
