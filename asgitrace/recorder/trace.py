"""The wrapper ASGI app: transparent to the app inside and to the server outside."""

import inspect
from collections.abc import Iterator
from typing import Any

from asgitrace.asgi import App, LegacyApp, Receive, Scope, Send
from asgitrace.recorder.process import RING_SIZE, process_recorder
from asgitrace.recorder.recorder import BODY_LIMIT, Recorder

_OWN = frozenset({"_app", "_body_limit", "_buffer", "_legacy", "_recorder"})


class Trace:
    """An ASGI application that calls another one and records all that crosses their boundary.

    Attributes of the wrapped application are reached through it, for reading and for setting.

    Args:
        app: the ASGI 3 application, or an ASGI 2 double callable.
        recorder: where to record; by default this process's own, with a ring in the runtime
        directory. body_limit: bytes of a body that are kept of each message. buffer: bytes of the
        ring, where it is still to be made.
    """

    __slots__ = ("__weakref__", *sorted(_OWN))

    def __init__(
        self,
        app: App | LegacyApp,
        *,
        recorder: Recorder | None = None,
        body_limit: int = BODY_LIMIT,
        buffer: int = RING_SIZE,
    ) -> None:
        own = object.__setattr__
        own(self, "_app", app)
        own(self, "_legacy", is_legacy(app))
        own(self, "_recorder", recorder)
        own(self, "_body_limit", body_limit)
        own(self, "_buffer", buffer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Call the application in the same task, with the same scope, and recorded ``receive`` and
        ``send``."""
        recorder = self._recorder
        if recorder is None:
            recorder = process_recorder.get(self._buffer, self._body_limit)
        app, legacy = self._app, self._legacy
        exchange = recorder.open(scope, receive, send, legacy=legacy)
        if exchange is None:
            return await (app(scope)(receive, send) if legacy else app(scope, receive, send))
        try:
            if legacy:
                value = await app(scope)(exchange.receive, exchange.send)
            else:
                value = await app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.raised(error)
            raise
        exchange.returned(value)
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_app"), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._app, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._app, name)

    def __dir__(self) -> Iterator[str]:
        return iter(dir(self._app))

    def __repr__(self) -> str:
        return f"asgitrace.Trace({self._app!r})"


def trace(app: App | LegacyApp, *, body_limit: int = BODY_LIMIT, buffer: int = RING_SIZE) -> Trace:
    """Wrap an ASGI application so that what crosses its boundary is recorded; see Trace."""
    return Trace(app, body_limit=body_limit, buffer=buffer)


def is_legacy(app: object) -> bool:
    """Whether this is an ASGI 2 double callable: it takes the scope alone, not scope, receive and
    send.

    Judged by what it can be called with, since ASGI 3 apps are also plain functions, partials and
    classes."""
    try:
        signature = inspect.signature(app)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return not _binds(signature, 3) and _binds(signature, 1)


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
