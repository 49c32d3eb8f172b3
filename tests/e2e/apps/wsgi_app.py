"""A WSGI application: it answers a piece for each piece of a request's body."""

from collections.abc import Callable, Iterator
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    """Say which path it was, then give back the body by pieces of four bytes."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield environ["PATH_INFO"].encode()
    while piece := environ["wsgi.input"].read(4):
        yield piece
