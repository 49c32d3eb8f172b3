"""Which interface an app has: what is WSGI beyond doubt, and what is never taken for it."""

import asyncio
import functools
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.errors import OptionError
from asgitrace.process.interface import fit, is_wsgi

handlers = import_module("django.core.handlers.wsgi"), import_module("django.core.handlers.asgi")
StartResponse = Callable[..., Any]


def wsgi(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("content-type", "text/plain")])
    yield environ["wsgi.input"].read(2)
    yield environ["wsgi.input"].read()


async def asgi3(scope: Scope, receive: Receive, send: Send) -> None: ...


def asgi2(scope: Scope) -> Any: ...


class Object:
    """As falcon.App and many others."""

    def __call__(self, env: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return []


class Page:
    """A class that is called, as PEP 3333 has it."""

    def __init__(self, environ: dict[str, Any], start_response: StartResponse) -> None: ...


class Asynchronous:
    async def __call__(self, environ: Any, start_response: Any) -> None: ...


class AsgiOfFalcon(Object):
    """What inherits from a WSGI application and is none."""

    async def __call__(  # type: ignore[override]
        self, scope: Scope, receive: Receive, send: Send
    ) -> None: ...


class Proxy:
    @property
    def __signature__(self) -> Any:
        raise RuntimeError("not ready to be asked")

    def __call__(self, *arguments: Any) -> None: ...


@functools.wraps(wsgi)
def around_wsgi(*arguments: Any) -> Any:
    return wsgi(*arguments)


@functools.wraps(asgi3)
def around_asgi(environ: Any, start_response: Any) -> Any: ...


@pytest.mark.parametrize(
    "app", [wsgi, Object(), Page, handlers[0].WSGIHandler.__call__.__get__(object()), around_wsgi,
            functools.partial(lambda extra, environ, start_response: [], 1)],
)  # fmt: skip
def test_wsgi(app: Any) -> None:
    assert is_wsgi(app)


@pytest.mark.parametrize(
    "app",
    [
        asgi3,
        asgi2,
        Asynchronous(),
        AsgiOfFalcon(),
        Proxy(),
        around_asgi,
        FastAPI(),
        Starlette(),
        handlers[1].ASGIHandler.__call__.__get__(object()),
        lambda scope, receive: None,
        lambda *arguments: None,
        lambda environ, start_response, more: None,
    ],
)
def test_not_wsgi(app: Any) -> None:
    assert not is_wsgi(app)
    assert fit(app, "auto", "site:app").app is app


@pytest.mark.parametrize(
    ("interface", "legacy"), [("auto", None), ("asgi3", False), ("asgi2", True)]
)
def test_what_is_said_is_believed(interface: Any, legacy: bool | None) -> None:
    fitted = fit(asgi3, interface, "site:app")
    assert (fitted.app, fitted.legacy, fitted.note) == (asgi3, legacy, "")
    assert fit(wsgi, "asgi3", "site:app").app is wsgi


def test_it_is_said_that_an_app_is_called_through_a2wsgi() -> None:
    found = fit(wsgi, "auto", "site:app")
    assert found.note == (
        "site:app is called as a WSGI application, through a2wsgi "
        "(it takes environ and start_response)."
    )
    assert not found.legacy
    assert fit(lambda a, b: [], "wsgi", "site:app").note.endswith("(--interface wsgi).")


@pytest.mark.parametrize(("interface", "otherwise"), [("auto", True), ("wsgi", False)])
def test_without_a2wsgi(monkeypatch: pytest.MonkeyPatch, interface: Any, otherwise: bool) -> None:
    monkeypatch.setitem(sys.modules, "a2wsgi", None)
    with pytest.raises(OptionError, match=r"pip install 'asgitrace\[wsgi\]'") as caught:
        fit(wsgi, interface, "site:app")
    assert ("--interface asgi3" in str(caught.value)) is otherwise


def test_pieces_come_and_go_as_they_are() -> None:
    sent: list[Any] = []
    messages = [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"cd"},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"",
        "headers": [], "http_version": "1.1",
    }  # fmt: skip
    asyncio.run(fit(wsgi, "auto", "site:app").app(scope, receive, send))
    assert sent[0]["type"] == "http.response.start"
    assert [message["body"] for message in sent[1:]] == [b"ab", b"cd", b""]
