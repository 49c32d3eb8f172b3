"""The facts of the machine that a figure means nothing without. Nothing that names a person or a
place."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

_LIBRARIES: Final = (
    "daphne",
    "granian",
    "h11",
    "httptools",
    "hypercorn",
    "msgspec",
    "numpy",
    "opentelemetry-instrumentation-asgi",
    "opentelemetry-sdk",
    "rich",
    "textual",
    "uvicorn",
    "uvloop",
    "websockets",
    "wsproto",
)


def facts() -> dict[str, Any]:
    """Interpreter, processors, load and versions, fit for JSON."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "load": load(),
        "versions": _versions(),
    }


def load() -> list[float]:
    """How busy the machine is, the measuring included: over one, five and fifteen minutes."""
    return [round(average, 2) for average in os.getloadavg()]


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    found["wrk"] = _wrk_version()
    return found


def _wrk_version() -> str:
    if shutil.which("wrk") is None:
        return "missing"
    told = subprocess.run(["wrk", "--version"], capture_output=True, text=True, timeout=10)
    words = (told.stdout or told.stderr).split()
    return words[1] if len(words) > 1 else "unknown"
