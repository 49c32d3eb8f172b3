"""asgitrace: see what crosses the ASGI boundary.

``asgitrace.trace(app)`` wraps an ASGI application; ``asgitrace module:app`` on the command line
runs and shows one; ``asgitrace.load("trace.jsonl")`` gives a recorded trace to a program.
"""

from asgitrace.lazy import lazy

TYPE_CHECKING = False  # typing itself would be a good part of what this import costs
if TYPE_CHECKING:
    from asgitrace.library import LoadedExchange, LoadedTrace, load
    from asgitrace.recorder import Trace
    from asgitrace.tracing import trace

__version__ = "0.1.0"
__all__ = ["LoadedExchange", "LoadedTrace", "Trace", "__version__", "load", "trace"]

_HOMES = {
    "LoadedExchange": "library",
    "LoadedTrace": "library",
    "Trace": "recorder",
    "load": "library",
    "trace": "tracing",
}
__getattr__ = lazy(__name__, _HOMES)
