"""The wrapper ASGI app: transparent to the app inside and to the server outside."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, Self, TypeAlias

from asgitrace.asgi import App, LegacyApp, Receive, Scope, Send
from asgitrace.errors import OptionError
from asgitrace.recorder.process import RING_SIZE, process_recorder
from asgitrace.recorder.proxy import Proxy
from asgitrace.recorder.recorder import Exchange, Recorder

Sampler: TypeAlias = Callable[[Scope], bool]
"""Whether the exchange of a scope is to be recorded."""
_Open: TypeAlias = Callable[[Scope, Any, Any], Exchange | None]


class Trace(Proxy):
    """An ASGI application that calls another one and records all that crosses their boundary.

    What is asked of it is answered by the wrapped application; only its type tells the difference.

    Args:
        app: the ASGI 3 application, or an ASGI 2 double callable.
        recorder: where to record; by default this process's own, with a ring in the runtime
        directory.
        body_limit: bytes of a body that are kept of each message; by default the recorder's limit.
        buffer: bytes of the ring, where it is still to be made.
        sample: chooses the exchanges that are recorded; None for all. One that raises chooses.
        keep_errors: whether one that was not chosen is recorded when it fails.
        legacy: whether it is a double callable; by default judged by what it can be called with.
    """

    __slots__ = (
        "_asgitrace_body_limit",
        "_asgitrace_buffer",
        "_asgitrace_keep_errors",
        "_asgitrace_legacy",
        "_asgitrace_open",
        "_asgitrace_recorder",
        "_asgitrace_sample",
    )

    def __new__(cls, app: Any = None, *_: Any, legacy: bool | None = None, **__: Any) -> Self:
        double = is_legacy(app) if legacy is None else legacy
        kind: Any = _DoubleTrace if double and cls is Trace else cls
        made: Self = super().__new__(kind, app)
        made._asgitrace_legacy = double
        return made

    def __init__(
        self,
        app: App | LegacyApp,
        *,
        recorder: Recorder | None = None,
        body_limit: int | None = None,
        buffer: int = RING_SIZE,
        sample: Sampler | None = None,
        keep_errors: bool = False,
        legacy: bool | None = None,
    ) -> None:
        if body_limit is not None and body_limit < 0:
            raise OptionError(f"A body limit of {body_limit} bytes is none; choose 0 or more.")
        self._asgitrace_recorder = recorder
        self._asgitrace_body_limit = body_limit
        self._asgitrace_buffer = buffer
        self._asgitrace_sample = sample
        self._asgitrace_keep_errors = keep_errors
        self._asgitrace_open = self._asgitrace_make_open()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application in the same task, with the same scope, and recorded ``receive`` and
        ``send``; returns what it returns.

        That is declared to be None, as frameworks look for it (Litestar does)."""
        app, legacy = self._asgitrace_app, self._asgitrace_legacy
        exchange = self._asgitrace_open(scope, receive, send)
        if exchange is None:
            return await (app(receive, send) if legacy else app(scope, receive, send))  # type: ignore[no-any-return]
        try:
            if legacy:
                value = await app(exchange.receive, exchange.send)
            else:
                value = await app(scope, exchange.receive, exchange.send)
        except BaseException as error:
            exchange.raised(error)
            raise
        exchange.returned(value)
        if self._asgitrace_recorder is None and _is_lifespan(scope) and exchange.count_calls() > 2:
            process_recorder.finish()
        return value  # type: ignore[no-any-return]

    def _asgitrace_make_open(self) -> _Open:
        """What begins to record a call, and gives None where it is not recorded.

        A closure: attributes of a class that has ``__getattr__`` are slow."""
        app, own = self._asgitrace_app, self._asgitrace_recorder
        buffer, limit = self._asgitrace_buffer, self._asgitrace_body_limit
        legacy, sample = self._asgitrace_legacy, self._asgitrace_sample
        keep_errors = self._asgitrace_keep_errors

        def opened(scope: Scope, receive: Any, send: Any) -> Exchange | None:
            recorder = own or process_recorder.get(buffer, app, receive)
            if recorder is None:
                return None
            hold = False
            if sample is not None:
                if _chooses(sample, scope):
                    if not _is_lifespan(scope):
                        recorder.count_sampled()
                elif keep_errors:
                    hold = True
                else:
                    recorder.leave_out()
                    return None
            return recorder.open(scope, receive, send, legacy=legacy, body_limit=limit, hold=hold)

        return opened

    def _asgitrace_around(self, app: Any) -> "Trace":
        return Trace(app, **self._asgitrace_options())

    def _asgitrace_options(self) -> dict[str, Any]:
        return {
            "recorder": self._asgitrace_recorder,
            "body_limit": self._asgitrace_body_limit,
            "buffer": self._asgitrace_buffer,
            "sample": self._asgitrace_sample,
            "keep_errors": self._asgitrace_keep_errors,
        }

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Where it is unpickled is another process, which records to a ring of its own.
        options = {**self._asgitrace_options(), "recorder": None}
        return partial(Trace, **options), (self._asgitrace_app,)

    def __repr__(self) -> str:
        return f"asgitrace.Trace({self._asgitrace_app!r})"


class _DoubleTrace(Trace):
    """Around an ASGI 2 double callable; called in its two steps, or as ASGI 3 has it."""

    __slots__ = ()

    def __call__(self, scope: Scope, receive: Any = None, send: Any = None) -> Any:
        """The second step of this call; with ``receive`` and ``send``, both."""
        if receive is not None or send is not None:
            return self._asgitrace_both(scope, receive, send)
        seen = dict(scope) if isinstance(scope, dict) else scope
        try:
            instance = self._asgitrace_app(scope)
        except BaseException as error:
            if (exchange := self._asgitrace_open(seen, receive, send)) is not None:
                exchange.raised(error)
            raise
        return _SecondStep(instance, scope=seen, **self._asgitrace_options())

    async def _asgitrace_both(self, scope: Scope, receive: Receive, send: Send) -> Any:
        return await self(scope)(receive, send)


class _SecondStep(Trace):
    """Around what a double callable made of a scope."""

    __slots__ = ("_asgitrace_scope",)

    def __new__(cls, instance: Any = None, **_: Any) -> Self:
        return super().__new__(cls, instance, legacy=True)

    def __init__(self, instance: Any, *, scope: Scope, **options: Any) -> None:
        super().__init__(instance, **options)
        self._asgitrace_scope = scope

    async def __call__(self, receive: Receive, send: Send) -> Any:  # type: ignore[override]
        return await super().__call__(self._asgitrace_scope, receive, send)


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


def _chooses(sample: Sampler, scope: Scope) -> bool:
    try:
        return sample(scope)
    except Exception:
        # The scope may be anything, and rather too much is recorded than nothing.
        return True


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
