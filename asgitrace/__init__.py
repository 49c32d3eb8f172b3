"""asgitrace: see what crosses the ASGI boundary.

``asgitrace.trace(app)`` wraps an ASGI application; ``asgitrace module:app`` on the command line
runs and shows one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asgitrace.recorder import Trace, trace

__version__ = "0.1.0"
__all__ = ["Trace", "__version__", "trace"]


def __getattr__(name: str) -> object:
    # Late, so that the command line can paint before it has imported the recorder.
    if name in {"Trace", "trace"}:
        from asgitrace import recorder

        return getattr(recorder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
