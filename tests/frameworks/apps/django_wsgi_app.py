"""Django's WSGI application through a2wsgi, which answers the lifespan for it. Most views are those
of Django's ASGI application."""

# Django has no types of its own.
# mypy: disable-error-code="import-untyped, misc"

import time

# First of all, since it configures Django.
from tests.frameworks.apps import django_app as views  # isort: skip

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

settings.ROOT_URLCONF = __name__
_TEXT = "text/plain"
_finished: list[str] = []


class Worked(HttpResponse):
    """A response that has work done when the server closes it."""

    def close(self) -> None:
        """Work, and be closed."""
        time.sleep(0.02)
        _finished.append("work")
        super().close()


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Five pieces."""
    lines = (b"line %d\n" % number for number in range(5))
    return StreamingHttpResponse(lines, content_type=_TEXT)


def started(request: HttpRequest) -> HttpResponse:
    """It can be asked, so a2wsgi has answered."""
    return HttpResponse("yes\n", content_type=_TEXT)


def background(request: HttpRequest) -> HttpResponse:
    """Work after the response."""
    return Worked("accepted\n", content_type=_TEXT, status=202)


def finished(request: HttpRequest) -> HttpResponse:
    """Whether work was done."""
    return HttpResponse("yes\n" if _finished else "no\n", content_type=_TEXT)


urlpatterns = [
    path("hello", views.hello),
    path("stream", stream),
    path("started", started),
    path("background", background),
    path("finished", finished),
    path("upload", views.upload),
    path("raise", views.raise_error),
]

app = WSGIMiddleware(get_wsgi_application())
