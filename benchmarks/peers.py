"""What asgitrace's recorder is measured against, each as a wrapper of an app.

Peers are imported by name at run time: none of them is a dependency, and a missing one leaves its
row empty."""

import contextlib
import importlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Final

from asgitrace.asgi import App, Message, Receive, Scope, Send
from asgitrace.recorder import RING_SIZE, Recorder, Trace
from asgitrace.ring import RingMemory, RingWriter, runtime_directory
from asgitrace.sampling import sampler


class PeerMissing(Exception):
    """A peer is not installed; the text says what is missing."""


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Variant:
    """An app as a peer wraps it."""

    app: App
    finish: Callable[[], None] = _nothing
    """Work the peer has put off; part of its costs."""
    forget: Callable[[], None] = _nothing
    """Drop what was gathered; not measured."""


Opener = Callable[[App], AbstractContextManager[Variant]]


def load(module: str) -> ModuleType:
    """Import a module of a peer; raises PeerMissing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PeerMissing(f"not installed: {module.partition('.')[0]} ({error.name})") from error


@contextlib.contextmanager
def bare(app: App) -> Iterator[Variant]:
    """The app itself."""
    yield Variant(app)


@contextlib.contextmanager
def pass_through(app: App) -> Iterator[Variant]:
    """The least a wrapper can do: two closures that pass on. The floor of all that follow."""

    async def wrapper(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_through() -> Message:
            return await receive()

        async def send_through(message: Message) -> None:
            await send(message)

        await app(scope, receive_through, send_through)

    yield Variant(wrapper)


@contextlib.contextmanager
def traced(app: App, *, share: float = 1.0, keep_errors: bool = False) -> Iterator[Variant]:
    """asgitrace with a ring of its own, of the size and in the place that users get; of the
    exchanges a share is recorded."""
    name = f"benchmark-{os.getpid()}-{secrets.token_hex(4)}.ring"
    memory = RingMemory.create(runtime_directory() / name, RING_SIZE)
    writer = RingWriter(memory)
    try:
        recorder = Recorder(writer)
        yield Variant(Trace(app, recorder=recorder, sample=sampler(share), keep_errors=keep_errors))
    finally:
        writer.close(unlink=True)
        memory.close()


@contextlib.contextmanager
def trace_logger(app: App) -> Iterator[Variant]:
    """uvicorn's ``--log-level trace``: its middleware, its logging configuration, to the null
    device."""
    uvicorn = load("uvicorn")
    middleware = load("uvicorn.middleware.message_logger").MessageLoggerMiddleware
    with open(os.devnull, "w", encoding="utf-8") as null, _logging_restored("uvicorn"):
        with contextlib.redirect_stderr(null):
            uvicorn.Config(app, log_level="trace", use_colors=False)
        yield Variant(middleware(app))


@contextlib.contextmanager
def opentelemetry(app: App, *, keep: bool = True) -> Iterator[Variant]:
    """OpenTelemetry's middleware as its documentation sets it up, exporting to memory; or dropping
    what is exported."""
    sdk, export = load("opentelemetry.sdk.trace"), load("opentelemetry.sdk.trace.export")
    in_memory = load("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    instrumentation = load("opentelemetry.instrumentation.asgi")
    exporter = in_memory.InMemorySpanExporter()
    if not keep:
        # As one that is shut down does.
        exporter.shutdown()
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    middleware = instrumentation.OpenTelemetryMiddleware(app, tracer_provider=provider)
    try:
        yield Variant(middleware, provider.force_flush, exporter.clear)
    finally:
        provider.shutdown()


BARE: Final = "bare"
ASGITRACE: Final = "asgitrace"
SAMPLED_OUT: Final = "sampled out"
TRACE_LOGGER: Final = "trace logger"
OPENTELEMETRY: Final = "OpenTelemetry"

OPENERS: Final[dict[str, Opener]] = {
    BARE: bare,
    "pass-through": pass_through,
    ASGITRACE: traced,
    SAMPLED_OUT: partial(traced, share=0.0),
    "sampled out, errors kept": partial(traced, share=0.0, keep_errors=True),
    TRACE_LOGGER: trace_logger,
    OPENTELEMETRY: opentelemetry,
}


@contextlib.contextmanager
def _logging_restored(name: str) -> Iterator[None]:
    """Take back what is configured on loggers of this name and below."""
    yield
    for known in (name, f"{name}.error", f"{name}.access", f"{name}.asgi"):
        logger = logging.getLogger(known)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
