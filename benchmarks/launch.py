"""Serves one app on a free port of the loopback interface, as a process of its own.

``python -m benchmarks.launch SERVER APP [--traced]`` prints its port as the first line and ends on
SIGTERM. All servers get a socket bound in the same way."""

import argparse
import asyncio
import functools
import os
import secrets
import signal
import socket
import sys
from typing import Any, Final

import asgitrace
from asgitrace.asgi import App
from asgitrace.recorder import RING_SIZE, Recorder, Trace
from asgitrace.ring import RingMemory, RingWriter, runtime_directory
from asgitrace.server.config import ServerConfig
from asgitrace.server.serve import serve
from asgitrace.server.sockets import bind
from benchmarks import apps
from benchmarks.peers import load

_CONFIG: Final = ServerConfig(port=0, lifespan="off", ws_ping_interval=None)
_QUIET: Final = {"log_level": "warning", "access_log": False, "lifespan": "off"}
_UVICORNS: Final[dict[str, dict[str, Any]]] = {
    "uvicorn-httptools": {"http": "httptools", "loop": "uvloop"},
    "uvicorn-h11": {"http": "h11", "loop": "asyncio", "ws": "wsproto", "ws_ping_interval": None},
}
_APPS: Final[dict[str, App]] = {"hello": apps.hello, "small_json": apps.small_json}

EMBEDDED: Final = "embedded"


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.launch")
    parser.add_argument("server", choices=[EMBEDDED, *_UVICORNS])
    parser.add_argument("app", choices=list(_APPS))
    parser.add_argument("--traced", action="store_true")
    options = parser.parse_args()
    listener = bind(_CONFIG)
    print(listener.getsockname()[1], flush=True)
    start = _embedded if options.server == EMBEDDED else functools.partial(_uvicorn, options.server)
    start(_APPS[options.app], listener, traced=options.traced)


def _embedded(app: App, listener: socket.socket, *, traced: bool) -> None:
    """The embedded server with asyncio's own event loop, traced as the command line traces."""
    if not traced:
        asyncio.run(serve(app, _CONFIG, [listener]))
        return
    name = f"benchmark-{os.getpid()}-{secrets.token_hex(4)}.ring"
    writer = RingWriter(RingMemory.create(runtime_directory() / name, RING_SIZE))
    try:
        asyncio.run(serve(Trace(app, recorder=Recorder(writer)), _CONFIG, [listener]))
    finally:
        writer.close(unlink=True)


def _uvicorn(kind: str, app: App, listener: socket.socket, *, traced: bool) -> None:
    """uvicorn with one worker, traced as a user would do it there."""
    uvicorn = load("uvicorn")
    # uvicorn raises the signal that ended it once more; by default that one would end the process
    # before its exit handlers, and the ring's file would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    target: App = asgitrace.trace(app) if traced else app
    uvicorn.Server(uvicorn.Config(target, **_QUIET, **_UVICORNS[kind])).run(sockets=[listener])


if __name__ == "__main__":
    main()
