"""The servers that are compared, each as a function that serves an app until a signal ends it.

Each has its own defaults, with one worker, no access log, no lifespan, and two minutes for an idle
connection to be used again. Peers are imported at run time: a missing one is left out."""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

import asgitrace
from asgitrace.asgi import App
from asgitrace.recorder import RING_SIZE, Recorder, Trace, WireRecorder
from asgitrace.ring import RingMemory, RingWriter, runtime_directory
from asgitrace.server.config import ServerConfig
from asgitrace.server.serve import serve
from asgitrace.wire import Wire
from benchmarks.floor import serve_floor
from benchmarks.peers import PeerMissing, load, opentelemetry

Tracing = Literal["no", "off", "events", "bytes"]
"""Untraced, or what is recorded of the wire when traced."""

TRACINGS: Final[tuple[Tracing, ...]] = ("no", "off", "events", "bytes")
CONFIG: Final = ServerConfig(port=0, lifespan="off", timeout_keep_alive=120.0)
_KEEP_ALIVE: Final = 120
_RECORD: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """What is to be served where."""

    name: str
    """``module:attribute``."""
    app: App
    listener: socket.socket
    tracing: Tracing
    lap: bool
    """Whether the ring of a traced one is written once before, so that its memory is there."""


Host = Callable[[Site], None]


def _embedded(loop: str, site: Site) -> None:
    """asgitrace's server, traced as its command line traces."""
    run: Callable[[Any], None] = load("uvloop").run if loop == "uvloop" else asyncio.run
    if site.tracing == "no":
        run(serve(site.app, CONFIG, [site.listener]))
        return
    writer = RingWriter(RingMemory.create(runtime_directory() / ring_name(os.getpid()), RING_SIZE))
    recorder = Recorder(writer)
    wire = WireRecorder(recorder, raw=site.tracing == "bytes") if site.tracing != "off" else None
    if site.lap:
        _write_once(recorder)
    try:
        run(serve(Trace(site.app, recorder=recorder), CONFIG, [site.listener], wire=wire))
    finally:
        writer.close(unlink=True)


def _write_once(recorder: Recorder) -> None:
    connection = WireRecorder(recorder).connection()
    content = {"data": bytes(_RECORD)}
    for _ in range(RING_SIZE // _RECORD + 1):
        connection.tell(Wire.BYTES_IN, _RECORD, content=content)


def ring_name(pid: int) -> str:
    """The name of a ring of a server process, by which it is found if it had to be killed."""
    return f"benchmark-{pid}-{secrets.token_hex(4)}.ring"


def _uvicorn(options: dict[str, Any], site: Site) -> None:
    uvicorn = load("uvicorn")
    # uvicorn raises the signal that ended it once more; by default that one would end the process
    # before its exit handlers, and the ring's file would stay.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    told: dict[str, Any] = {
        "log_level": "warning",
        "access_log": False,
        "lifespan": "off",
        "timeout_keep_alive": _KEEP_ALIVE,
        **options,
    }
    target = site.app if site.tracing == "no" else asgitrace.trace(site.app)
    uvicorn.Server(uvicorn.Config(target, **told)).run(sockets=[site.listener])


def _uvicorn_trace_log(options: dict[str, Any], site: Site) -> None:
    """What it logs goes to the null device."""
    with open(os.devnull, "w", encoding="utf-8") as null, contextlib.redirect_stderr(null):
        _uvicorn({**options, "log_level": "trace", "use_colors": False}, site)


def _uvicorn_opentelemetry(options: dict[str, Any], site: Site) -> None:
    """What it exports is dropped."""
    with opentelemetry(site.app, keep=False) as variant:
        _uvicorn(options, replace(site, app=variant.app))


def _hypercorn(loop: str, site: Site) -> None:
    config = load("hypercorn.config").Config()
    config.bind = [f"fd://{site.listener.fileno()}"]
    config.loglevel = "ERROR"
    config.keep_alive_timeout = _KEEP_ALIVE
    # It would otherwise close a connection after its thousandth request.
    config.keep_alive_max_requests = 10**9
    run: Callable[[Any], None] = load("uvloop").run if loop == "uvloop" else asyncio.run
    run(load("hypercorn.asyncio").serve(site.app, config))


def _granian(site: Site) -> None:
    host, port = _free(site.listener)
    constants = load("granian.constants")
    load("granian").Granian(
        site.name,
        address=host,
        port=port,
        interface=constants.Interfaces.ASGINL,
        loop=constants.Loops.uvloop,
        log_enabled=False,
    ).serve()


def _free(listener: socket.socket) -> tuple[str, int]:
    """The address for a server that binds its socket itself: it was free a moment ago."""
    host, port = listener.getsockname()[:2]
    listener.close()
    return host, port


def _daphne(site: Site) -> None:
    host, port = _free(site.listener)
    endpoint = f"tcp:port={port}:interface={host}"
    load("daphne.server").Server(site.app, endpoints=[endpoint], verbosity=0).run()


def _floor(site: Site) -> None:
    asyncio.run(serve_floor(site.listener))


@dataclass(frozen=True, slots=True)
class Entry:
    """A server in its configuration."""

    host: Host
    needs: tuple[str, ...] = ()
    """The modules that must be installed."""

    def missing(self) -> str | None:
        """What is not installed; None if all is."""
        try:
            for module in self.needs:
                load(module)
        except PeerMissing as missing:
            return str(missing)
        return None


EMBEDDED: Final = "embedded"
EMBEDDED_UVLOOP: Final = "embedded-uvloop"
FLOOR: Final = "floor"
_HTTPTOOLS: Final = {"http": "httptools", "loop": "uvloop"}
_NEEDS_HTTPTOOLS: Final = ("uvicorn", "httptools", "uvloop", "websockets")
HOSTS: Final[dict[str, Entry]] = {
    EMBEDDED: Entry(partial(_embedded, "asyncio")),
    EMBEDDED_UVLOOP: Entry(partial(_embedded, "uvloop"), ("uvloop",)),
    "uvicorn-h11": Entry(
        partial(_uvicorn, {"http": "h11", "loop": "asyncio", "ws": "wsproto"}),
        ("uvicorn", "h11", "wsproto"),
    ),
    "uvicorn-httptools": Entry(partial(_uvicorn, _HTTPTOOLS), _NEEDS_HTTPTOOLS),
    "uvicorn-trace-log": Entry(partial(_uvicorn_trace_log, _HTTPTOOLS), _NEEDS_HTTPTOOLS),
    "uvicorn-opentelemetry": Entry(
        partial(_uvicorn_opentelemetry, _HTTPTOOLS),
        (*_NEEDS_HTTPTOOLS, "opentelemetry.sdk.trace", "opentelemetry.instrumentation.asgi"),
    ),
    "hypercorn": Entry(partial(_hypercorn, "asyncio"), ("hypercorn",)),
    "hypercorn-uvloop": Entry(partial(_hypercorn, "uvloop"), ("hypercorn", "uvloop")),
    "granian": Entry(_granian, ("granian", "uvloop")),
    "daphne": Entry(_daphne, ("daphne",)),
    FLOOR: Entry(_floor),
}
