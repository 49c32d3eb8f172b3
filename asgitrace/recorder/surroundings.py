"""What a process can say of itself for its ring: which app it runs, under which server.

Asked once, when the ring is made, and nothing is imported for it."""

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from asgitrace.ring import About
from asgitrace.ring.processes import start_of

_SERVERS: Final = frozenset({"uvicorn", "hypercorn", "granian", "daphne"})
_MANAGER: Final = "gunicorn"
"""Serves by itself, or has another one's workers serve."""
_UNIT: Final = "NGINX Unit"
_UNIT_MODULE: Final = "unit"
"""Of what NGINX Unit gives an app for ``receive``: it is no Python module."""
_DEPTH: Final = 500
"""Frames that are looked at: an app may sit deep in middlewares."""


def describe_process(app: object, receive: object = None, *, server: str = "") -> About:
    """This process, about to run an app; to be called from within the app's call, whose callers say
    who serves it.

    Args:
        app: the application, or its ``module:attr``.
        receive: what the server gave it.
        server: who serves it, where that is known.
    """
    return About(
        app=_tried(_name_of, app),
        server=server or _tried(find_server, sys._getframe(1), receive),
        argv=tuple(sys.argv),
        python=sys.version.split()[0],
        ppid=os.getppid(),
        started=start_of(os.getpid()),
        run=os.environ.get("ASGITRACE_RUN", ""),
        cwd=_directory(),
    )


def _tried(find: Callable[..., str], *given: object) -> str:
    """What is found; nothing where what is looked at does not want to be: it is the user's."""
    try:
        return find(*given)
    except Exception:
        return ""


def find_server(frame: FrameType | None, receive: object = None) -> str:
    """The server with its version among those who called, ``uvicorn 0.38.0``, or ``gunicorn 24.0.0
    (uvicorn 0.38.0)`` for the worker of one in the other; empty where it is none that is known.

    Not by what is imported: many a program imports a server that it does not run under."""
    found = manager = ""
    for _ in range(_DEPTH):
        if frame is None:
            break
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package == _MANAGER:
            manager = package
        elif package in _SERVERS and not found:
            found = package
        frame = frame.f_back
    if manager:
        return f"{_versioned(manager)} ({_versioned(found)})" if found else _versioned(manager)
    if found:
        return _versioned(found)
    own = type(getattr(receive, "__self__", receive)).__module__
    return _UNIT if own.partition(".")[0] == _UNIT_MODULE else ""


def _versioned(package: str) -> str:
    """With the version: as the package says it, or by the name of the folder of its metadata, which
    would take milliseconds to read."""
    module = sys.modules.get(package)
    version = getattr(module, "__version__", None)
    if isinstance(version, str):
        return f"{package} {version}"
    for place in getattr(module, "__path__", ()):
        for name in os.listdir(os.path.dirname(place)):
            stem, dot, _ = name.rpartition(".dist-info")
            if dot and stem.startswith(f"{package}-"):
                return f"{package} {stem.removeprefix(f'{package}-')}"
    return package


def _name_of(app: object) -> str:
    if issubclass(type(app), str):
        return str(app)
    return _named_by_arguments() or _named_by_program(app) or _named_by_itself(app)


def _named_by_arguments() -> str:
    """The argument that is ``module:attr`` of a module that is there, without ``()`` behind it, or
    the ``asgi:`` that hypercorn may be told before it."""
    for given in sys.argv[1:]:
        argument = given.removeprefix("asgi:")
        module, colon, attribute = argument.partition(":")
        head = attribute.partition("(")[0].partition(".")[0]
        if colon and head.isidentifier() and module in sys.modules:
            return argument
    return ""


def _named_by_program(app: object) -> str:
    """Under which name the program that was started has the app, be it wrapped."""
    main: Any = sys.modules.get("__main__")
    for name, value in list(vars(main).items()) if main is not None else ():
        slot = getattr(type(value), "_asgitrace_app", None)
        if value is app or (slot is not None and slot.__get__(value) is app):
            file = os.path.basename(getattr(main, "__file__", None) or "")
            return f"{file.removesuffix('.py')}:{name}" if file else name
    return ""


def _named_by_itself(app: object) -> str:
    kind = app if hasattr(app, "__qualname__") else type(app)
    module, name = getattr(kind, "__module__", ""), getattr(kind, "__qualname__", "")
    return f"{module}:{name}" if kind is app else f"{name}"


def _directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""
