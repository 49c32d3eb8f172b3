"""Which interface an app has: ASGI 3, ASGI 2, or WSGI, which is called through a2wsgi."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from asgitrace.errors import OptionError
from asgitrace.process.spec import Interface

_START_RESPONSE: Final = "start_response"
_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """An app that can be called as ASGI has it."""

    app: Callable[..., Any]
    legacy: bool | None
    """It is an ASGI 2 double callable; None: judge by what it can be called with."""
    note: str = ""
    """What the log is to say of it."""


def fit(app: Callable[..., Any], interface: Interface, target: str) -> Fitted:
    """Let an app be called as ASGI has it. Raises OptionError where a WSGI app cannot be."""
    if interface == "wsgi" or (interface == "auto" and is_wsgi(app)):
        how = "--interface wsgi" if interface == "wsgi" else "it takes environ and start_response"
        note = f"{target} is called as a WSGI application, through a2wsgi ({how})."
        return Fitted(_through_a2wsgi(app, target, asked=interface == "wsgi"), False, note)
    return Fitted(app, {"auto": None, "asgi3": False}.get(interface, True))


def is_wsgi(app: object) -> bool:
    """Whether this is a WSGI application beyond doubt: not a coroutine function, and it takes an
    environment and, by the name that PEP 3333 gives it, ``start_response``."""
    try:
        call = inspect.getattr_static(type(app), "__call__", None)
        if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
            return False
        parameters = inspect.signature(app).parameters.values()  # type: ignore[arg-type]
        if any(inspect.iscoroutinefunction(each) for each in _wrapped(app)):
            return False
    except Exception:
        # An app that is a proxy may not be ready to be asked.
        return False
    names = [each.name for each in parameters if each.kind in _POSITIONAL]
    required = [
        each for each in parameters if each.kind in _POSITIONAL and each.default is each.empty
    ]
    return len(names) >= 2 and names[1] == _START_RESPONSE and len(required) <= 2


def _wrapped(app: Any) -> list[Any]:
    """What functions like those of functools.wraps stand for, the innermost."""
    return [inspect.unwrap(app)] if hasattr(app, "__wrapped__") else []


def _through_a2wsgi(app: Callable[..., Any], target: str, *, asked: bool) -> Callable[..., Any]:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError:
        otherwise = "" if asked else ", or pass --interface asgi3 if it is not one"
        raise OptionError(
            f"{target} is a WSGI application, for which the package a2wsgi is needed; "
            f"install it with: pip install 'asgitrace[wsgi]'{otherwise}."
        ) from None
    return WSGIMiddleware(app)
