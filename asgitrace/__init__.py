"""asgitrace: see what crosses the ASGI boundary.

``asgitrace.trace(app)`` wraps an ASGI application; ``asgitrace module:app`` on the command line
runs and shows one.
"""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy

if TYPE_CHECKING:
    from asgitrace.recorder import Trace, trace

__version__ = "0.1.0"
__all__ = ["Trace", "__version__", "trace"]

__getattr__ = lazy(__name__, {"Trace": "recorder", "trace": "recorder"})
