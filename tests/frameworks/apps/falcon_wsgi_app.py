"""Falcon's WSGI app through a2wsgi, which answers the lifespan for it."""

import hashlib

import falcon
from a2wsgi import WSGIMiddleware

_TEXT = falcon.MEDIA_TEXT


class Hello:
    """A greeting."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """In plain text."""
        response.content_type = _TEXT
        response.text = f"hello {request.get_param('name')}\n"


class Stream:
    """Five pieces."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """From a generator."""
        response.content_type = _TEXT
        response.stream = (b"line %d\n" % number for number in range(5))


class Started:
    """It can be asked, so a2wsgi has answered."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Yes."""
        response.content_type = _TEXT
        response.text = "yes\n"


class Upload:
    """What was uploaded."""

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Size and hash, piece by piece."""
        digest, size = hashlib.sha256(), 0
        while piece := request.bounded_stream.read(65536):
            digest.update(piece)
            size += len(piece)
        response.content_type = _TEXT
        response.text = f"{size} {digest.hexdigest()}"


class Raise:
    """A responder that raises."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Raise."""
        raise RuntimeError("the handler raised")


wsgi = falcon.App()
for path, resource in {
    "/hello": Hello(),
    "/stream": Stream(),
    "/started": Started(),
    "/upload": Upload(),
    "/raise": Raise(),
}.items():
    wsgi.add_route(path, resource)

app = WSGIMiddleware(wsgi)  # type: ignore[arg-type]
