"""The app's process: imports the app, wraps it in a recorder, serves it. Run as ``python -m``,
never imported.

It talks to its parent over a socket, whose file descriptor is the only argument: orders come in as
the first line, reports go out, and when the parent is gone the process ends."""

import asyncio
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from asgitrace.errors import AsgitraceError, OptionError, StartupFailed
from asgitrace.process.debugging import Debugging
from asgitrace.process.import_failures import import_failure, print_own_traceback
from asgitrace.process.interface import fit
from asgitrace.process.output import CURRENT, Output
from asgitrace.process.output_logging import LogTap
from asgitrace.process.parent import Parent
from asgitrace.process.spec import (
    REFUSED_STATUS,
    STARTUP_FAILED_STATUS,
    Failed,
    Loop,
    Orders,
    Refused,
    Serving,
)
from asgitrace.process.target import load_app
from asgitrace.recorder import Recorder, Trace, WireRecorder
from asgitrace.recorder.loop import LoopMeter
from asgitrace.recorder.process import make_ring
from asgitrace.recorder.surroundings import describe_process
from asgitrace.ring import RingWriter
from asgitrace.sampling import sampler
from asgitrace.server.serve import serve


def main(fd: int) -> int:
    """Run the app until told to stop; returns the exit status."""
    parent = Parent(fd)
    orders = parent.orders()
    parent.watch(orders.spec.patience)
    output = Output(orders.mark)
    output.install()
    LogTap(output).install()
    _log_to_stderr()
    try:
        return _run(orders, parent, output)
    except StartupFailed as error:
        parent.report(Failed(str(error)))
        print(f"asgitrace: {error}", file=sys.stderr)
        return STARTUP_FAILED_STATUS
    except AsgitraceError as error:
        parent.report(Refused(str(error)))
        return REFUSED_STATUS


def _run(orders: Orders, parent: Parent, output: Output) -> int:
    spec = orders.spec
    # Before the app can start a process of its own, which would keep the port open.
    os.set_inheritable(orders.socket, False)
    run = _runner(spec.loop)
    about = describe_process(spec.target, server="asgitrace")
    writer = RingWriter(make_ring(Path(orders.ring), spec.buffer, about))
    recorder = Recorder(writer, spec.body_limit, CURRENT.set)
    debugging = Debugging(parent, recorder, CURRENT.get, output.diverted)
    debugging.install()
    try:
        app = load_app(spec.target, spec.app_dir, factory=spec.factory)
    except AsgitraceError:
        raise
    except BaseException as error:
        print_own_traceback(error)
        parent.report(import_failure(spec.target, error))
        return 1
    fitted = fit(app, spec.interface, spec.target)
    if fitted.note:
        logging.getLogger("asgitrace").info(fitted.note)
    chosen = sampler(spec.sample)
    traced = Trace(
        fitted.app,
        recorder=recorder,
        sample=chosen,
        keep_errors=spec.keep_errors,
        legacy=fitted.legacy,
    )
    # Of a sampled exchange it begins before anybody knows whether that is among the chosen.
    wired = spec.wire != "off" and chosen is None
    wire = WireRecorder(recorder, raw=spec.wire == "bytes") if wired else None
    if chosen is not None and spec.wire != "off":
        logging.getLogger("asgitrace").info("With --sample the wire is not recorded.")
    listener = socket.socket(fileno=orders.socket)

    async def serving() -> None:
        loop = asyncio.get_running_loop()

        def ready() -> None:
            parent.report(Serving(type(loop).__module__.partition(".")[0]))

        debugging.loop = loop
        debugging.meter = meter = LoopMeter(recorder, loop)
        meter.start()
        output.start(loop)
        try:
            await serve(traced, spec.server, [listener], wire=wire, on_ready=ready)
        finally:
            output.stop()
            meter.stop()

    run(serving())
    writer.close(unlink=False)
    return 0


def _runner(loop: Loop) -> Any:
    """The function that runs a coroutine on the loop asked for. Raises OptionError."""
    if loop != "asyncio":
        try:
            import uvloop
        except ImportError:
            if loop == "uvloop":
                raise OptionError(
                    "--loop uvloop needs the package uvloop; "
                    "install it with: pip install 'asgitrace[uvloop]'."
                ) from None
        else:
            return uvloop.run
    return asyncio.run


def _log_to_stderr() -> None:
    """The server's own words go where the app's do; the app's logging is left alone."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    logger = logging.getLogger("asgitrace")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
