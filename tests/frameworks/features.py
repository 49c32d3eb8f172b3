"""What an app of the matrix has to offer, and what is said of a framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asgitrace.library import LoadedTrace


class Feature(StrEnum):
    """A column of the table, with what the app is asked for."""

    HTTP = "HTTP"
    """``GET /hello?name=asgi``: 200, ``hello asgi`` and a newline, as text."""
    STREAMING = "streaming"
    """``GET /stream``: five pieces, ``line 0`` to ``line 4``, each with its newline."""
    WEBSOCKET = "WebSocket"
    """``/ws``: gives back text as text and bytes as bytes; ``close`` makes it close with 4002 and
    ``raise`` raise a RuntimeError."""
    LIFESPAN = "lifespan"
    """``GET /started``: ``yes`` and a newline if its start-up ran."""
    BACKGROUND = "background"
    """``POST /background``: 202, then work of 20 ms after the response; ``GET /finished``: ``yes``
    and a newline once such work was done, before that ``no``."""
    UPLOAD = "upload"
    """``POST /upload``: size and SHA-256 of what was uploaded, with a space between."""
    RAISING = "raising"
    """``GET /raise``: a handler that raises a RuntimeError."""
    BROADCAST = "broadcast"
    """``/chat``: who comes is told ``joined``; then what one client says is sent to all, by way of
    the other connections."""
    OWN = "own protocol"
    """What only this framework does; see Own."""


class Background(StrEnum):
    """Where the work after a response is done."""

    WITHIN = "within"
    """In the app's call, which returns when it is done."""
    APART = "apart"
    """In a task or thread of its own."""


@dataclass(frozen=True, slots=True)
class Own:
    """A visit that only this framework understands, with a client of its own kind."""

    what: str
    """For the table, e.g. ``GraphQL subscriptions``."""
    visit: Callable[[int], Any]
    """Do it at a port of 127.0.0.1; returns what was seen, equal for equal apps."""
    check: Callable[[Any, "LoadedTrace"], None]
    """Judge what was seen, and what the trace has of it, by assertions."""


@dataclass(frozen=True, slots=True)
class Framework:
    """One row of the table: an app in ``apps``, what it has, and what its events look like."""

    name: str
    """As it calls itself; two rows of one framework say what they are in brackets."""
    module: str
    """In ``apps``; its attribute ``app`` is the app."""
    package: str = ""
    """The distribution that has to be installed, whose version the table tells; none: needs
    nothing."""
    needs: tuple[str, ...] = ()
    """Other distributions without which it cannot be run."""
    features: frozenset[Feature] = frozenset(Feature) - {Feature.BROADCAST, Feature.OWN}
    lacks: Mapping[Feature, str] = field(default_factory=dict)
    """Why the features that it does not have are missing."""
    unable: str = ""
    """Why it cannot run here; nothing is run then."""
    legacy: bool = False
    """An ASGI 2 double callable."""
    multipart: bool = False
    """``/upload`` takes a form with a file named ``file``; otherwise the body is the file."""
    raises: str = "RuntimeError"
    """Type of the exception that leaves the app where its handler raised; empty where it makes the
    response of it by itself and returns."""
    session_raises: str = "RuntimeError"
    """The same of a WebSocket session."""
    no_lifespan: str = ""
    """Type of the exception that leaves an app without lifespan; empty where it returns."""
    background: Background = Background.WITHIN
    pieces: int = 5
    """Messages in which ``/stream`` is sent, empty ones not counted."""
    upload_size: int = 1024 * 1024
    """Bytes of the upload."""
    own: Own | None = None
    """What Feature.OWN is here."""

    @property
    def version(self) -> str:
        """Of what is installed; empty where it is not, or is not needed."""
        return _version(self.package)

    @property
    def missing(self) -> str:
        """What to do before it can be run, as a sentence; empty where it can."""
        for package in (self.package, *self.needs):
            if package and not _version(package):
                return f"{package} is not installed: pip install --group frameworks"
        return ""


def _version(package: str) -> str:
    try:
        return metadata.version(package) if package else ""
    except metadata.PackageNotFoundError:
        return ""


def features(*chosen: Feature) -> frozenset[Feature]:
    """These; for the table."""
    return frozenset(chosen)


def without(*left_out: Feature) -> frozenset[Feature]:
    """All that are asked of a framework but these."""
    return frozenset(Feature) - {Feature.BROADCAST, Feature.OWN, *left_out}
