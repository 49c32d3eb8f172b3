"""Flask, a WSGI application, through a2wsgi, which answers the lifespan for it."""

import hashlib
import time
from collections.abc import Iterator

from a2wsgi import WSGIMiddleware
from flask import Flask, Response, request

flask = Flask(__name__)
_finished: list[str] = []
_TEXT = "text/plain"


@flask.get("/hello")
def hello() -> Response:
    """A greeting."""
    return Response(f"hello {request.args['name']}\n", mimetype=_TEXT)


@flask.get("/stream")
def stream() -> Response:
    """Five pieces."""
    return Response((f"line {number}\n" for number in range(5)), mimetype=_TEXT)


@flask.get("/started")
def started() -> Response:
    """It can be asked, so a2wsgi has answered."""
    return Response("yes\n", mimetype=_TEXT)


@flask.post("/background")
def background() -> Response:
    """Work after the response, when the server closes it."""
    response = Response("accepted\n", 202, mimetype=_TEXT)

    @response.call_on_close
    def work() -> None:
        time.sleep(0.02)
        _finished.append("work")

    return response


@flask.get("/finished")
def finished() -> Response:
    """Whether work was done."""
    return Response("yes\n" if _finished else "no\n", mimetype=_TEXT)


@flask.post("/upload")
def upload() -> Response:
    """Size and hash, piece by piece."""
    digest, size = hashlib.sha256(), 0
    while piece := request.stream.read(65536):
        digest.update(piece)
        size += len(piece)
    return Response(f"{size} {digest.hexdigest()}", mimetype=_TEXT)


@flask.get("/raise")
def raise_error() -> Iterator[str]:
    """A view that raises."""
    raise RuntimeError("the handler raised")


app = WSGIMiddleware(flask.wsgi_app)  # type: ignore[arg-type]
