"""The wrapper ASGI app: transparent to the app inside and to the server outside."""

import inspect
from collections.abc import Iterator
from typing import Any, Final

from asgitrace.asgi import App, LegacyApp, Receive, Scope, Send
from asgitrace.errors import OptionError
from asgitrace.recorder.process import RING_SIZE, process_recorder
from asgitrace.recorder.recorder import BODY_LIMIT, Recorder

# Names that no app will have, for it is the app's attributes that are to be seen.
_OWN: Final = frozenset(
    {
        "_asgitrace_app",
        "_asgitrace_body_limit",
        "_asgitrace_buffer",
        "_asgitrace_legacy",
        "_asgitrace_recorder",
    }
)


class Trace:
    """An ASGI application that calls another one and records all that crosses their boundary.

    Attributes of the wrapped application are reached through it, for reading and for setting.

    Args:
        app: the ASGI 3 application, or an ASGI 2 double callable.
        recorder: where to record; by default this process's own, with a ring in the runtime
        directory.
        body_limit: bytes of a body that are kept of each message; by default the recorder's limit.
        buffer: bytes of the ring, where it is still to be made.
    """

    __slots__ = ("__weakref__", *sorted(_OWN))

    def __init__(
        self,
        app: App | LegacyApp,
        *,
        recorder: Recorder | None = None,
        body_limit: int | None = None,
        buffer: int = RING_SIZE,
    ) -> None:
        if body_limit is not None and body_limit < 0:
            raise OptionError(f"A body limit of {body_limit} bytes is none; choose 0 or more.")
        self._asgitrace_app: Any = app
        self._asgitrace_legacy = is_legacy(app)
        self._asgitrace_recorder = recorder
        self._asgitrace_body_limit = body_limit
        self._asgitrace_buffer = buffer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        """Call the application in the same task, with the same scope, and recorded ``receive`` and
        ``send``."""
        app, legacy = self._asgitrace_app, self._asgitrace_legacy
        recorder = self._asgitrace_recorder
        if recorder is None:
            recorder = process_recorder.get(self._asgitrace_buffer)
        exchange = None
        if recorder is not None:
            limit = self._asgitrace_body_limit
            exchange = recorder.open(scope, receive, send, legacy=legacy, body_limit=limit)
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
        if self._asgitrace_recorder is None and _is_lifespan(scope):
            process_recorder.finish()
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_asgitrace_app"), name)

    def __setattr__(self, name: str, value: object) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self._asgitrace_app, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._asgitrace_app, name)

    def __dir__(self) -> Iterator[str]:
        return iter(dir(self._asgitrace_app))

    def __repr__(self) -> str:
        return f"asgitrace.Trace({self._asgitrace_app!r})"


def trace(app: App | LegacyApp, *, body_limit: int = BODY_LIMIT, buffer: int = RING_SIZE) -> Trace:
    """Wrap an ASGI application so that what crosses its boundary is recorded; see Trace."""
    return Trace(app, body_limit=body_limit, buffer=buffer)


def is_legacy(app: object) -> bool:
    """Whether this is an ASGI 2 double callable: it takes the scope alone, not scope, receive and
    send.

    Judged by what it can be called with, since ASGI 3 apps are also plain functions, partials and
    classes."""
    try:
        if _is_async(app):
            return False
        own = inspect.signature(app, follow_wrapped=False)  # type: ignore[arg-type]
        if any(each.kind is each.VAR_POSITIONAL for each in own.parameters.values()):
            # It passes on what it is given: to what it wraps, if it says so.
            own = inspect.signature(app)  # type: ignore[arg-type]
    except Exception:
        # Not only TypeError and ValueError: an app that is a proxy may not be ready to be asked.
        return False
    return not _binds(own, 3) and _binds(own, 1)


def _is_lifespan(scope: Any) -> bool:
    try:
        return bool(scope["type"] == "lifespan")
    except Exception:
        # The scope is the app's: it may have emptied it.
        return False


def _is_async(app: object) -> bool:
    call = inspect.getattr_static(type(app), "__call__", None)
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
