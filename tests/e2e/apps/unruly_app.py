"""An app that does, by path, what an app should not: ends its process, floods its output, hangs.

With ``UNRULY_SHUTDOWN=block`` it blocks its event loop when it is told to shut down.
"""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from asgitrace.asgi import Receive, Scope, Send

LONG_LINE = 200_000


def show_pid() -> str:
    """The number of this process."""
    return str(os.getpid())


def write_output() -> str:
    """All that may come out of a process."""
    print("from print", flush=True)
    logging.getLogger("shop").warning("from logging")
    os.write(1, b"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J bidi \xe2\x80\xae\r\n")
    os.write(2, b"not \xff\xfe UTF-8\n\n")
    os.write(1, b"a" * LONG_LINE + b"\n")
    os.write(1, b"no newline")
    return "written"


def flood() -> str:
    """A great many short lines at once."""
    os.write(1, b"\n" * 60_000)
    return "flooded"


def close_stdout() -> str:
    """Closes what it should print to."""
    os.close(1)
    return "closed"


def spawn() -> str:
    """Starts a process that inherits our output and all that can be inherited."""
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False
    )
    return str(child.pid)


def leave() -> str:
    """Ends the process as a script would."""
    sys.exit(5)


def leave_at_once() -> str:
    """Ends the process without any ceremony."""
    os._exit(7)


def interrupt() -> str:
    """As if ctrl+c had been typed in the middle of it."""
    raise KeyboardInterrupt


def die() -> str:
    """Killed while it handles a request."""
    os.kill(os.getpid(), signal.SIGKILL)
    return "not reached"


ROUTES: dict[str, Callable[[], str]] = {
    "/pid": show_pid,
    "/output": write_output,
    "/flood": flood,
    "/close-stdout": close_stdout,
    "/spawn": spawn,
    "/exit": leave,
    "/exit-at-once": leave_at_once,
    "/interrupt": interrupt,
    "/die": die,
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path; ``/hang`` begins a response and never goes on."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/hang":
        await send({"type": "http.response.body", "body": b"begun\n", "more_body": True})
        await asyncio.Event().wait()
    body = ROUTES.get(scope["path"], show_pid)()
    await send({"type": "http.response.body", "body": body.encode()})


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    if os.environ.get("UNRULY_SHUTDOWN") == "block":
        with contextlib.suppress(OSError):
            print("blocking", flush=True)
        time.sleep(600)
    await send({"type": "lifespan.shutdown.complete"})
