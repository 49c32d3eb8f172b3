"""asgitrace: see what crosses the ASGI boundary.

``asgitrace.trace(app)`` wraps an ASGI application; ``asgitrace module:app`` on the command line
runs and shows one.
"""

from asgitrace.lazy import lazy

TYPE_CHECKING = False  # typing itself would be a good part of what this import costs
if TYPE_CHECKING:
    from asgitrace.recorder import Trace, trace

__version__ = "0.1.0"
__all__ = ["Trace", "__version__", "trace"]

__getattr__ = lazy(__name__, {"Trace": "recorder", "trace": "recorder"})
