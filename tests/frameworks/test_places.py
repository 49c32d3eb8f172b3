"""Where a wrapper can stand: not only around the whole app but anywhere that a framework takes an
ASGI app, as middleware, mounted, or behind a router."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from asgitrace.testing.running import RunningTrace
from tests.frameworks.apps import plain_app
from tests.frameworks.helping import Seen

Wrap = Callable[[Any], Any]


async def _hello(request: Any) -> Any:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(f"hello {request.query_params['name']}\n")


def middleware_of_starlette(wrap: Wrap) -> Any:
    """Outermost but for Starlette's own."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Route

    return Starlette(routes=[Route("/hello", _hello)], middleware=[Middleware(wrap)])


def added_to_fastapi(wrap: Wrap) -> Any:
    """As the README says it."""
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse

    app = FastAPI()
    app.add_middleware(wrap)  # type: ignore[arg-type]

    @app.get("/hello", response_class=PlainTextResponse)
    def hello(name: str) -> str:
        return f"hello {name}\n"

    return app


def mounted_in_starlette(wrap: Wrap) -> Any:
    """An app below a path, whose routes Starlette looks for."""
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    inner = wrap(Starlette(routes=[Route("/hello", _hello)]))
    app = Starlette(routes=[Mount("", app=inner, name="inner")])
    assert app.url_path_for("inner:_hello") == "/hello"
    return app


def route_of_starlette(wrap: Wrap) -> Any:
    """An ASGI app as the endpoint of a route; a function there would be taken for a handler."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    return Starlette(routes=[Mount("/", wrap(plain_behind_a_root))])


async def plain_behind_a_root(scope: Any, receive: Any, send: Any) -> None:
    """A function that is an ASGI app."""
    await plain_app.hello(scope, receive, send)


def middleware_of_litestar(wrap: Wrap) -> Any:
    """A factory among Litestar's middleware."""
    from litestar import Litestar, Request, get
    from litestar.enums import MediaType

    @get("/hello", media_type=MediaType.TEXT)
    async def hello(request: Request[Any, Any, Any]) -> str:
        return f"hello {request.query_params['name']}\n"

    def factory(app: Any) -> Any:
        return wrap(app)

    return Litestar([hello], middleware=[factory], openapi_config=None)


def handler_of_litestar(wrap: Wrap) -> Any:
    """An ASGI app as a handler."""
    from litestar import Litestar
    from litestar.handlers import asgi

    mounted = asgi("/", is_mount=True, copy_scope=True)
    return Litestar([mounted(wrap(plain_app.hello))], openapi_config=None)


def asgi_app_of_quart(wrap: Wrap) -> Any:
    """Quart's place for middleware."""
    from quart import Quart, request

    app = Quart(__name__)

    @app.get("/hello")
    async def hello() -> Any:
        return f"hello {request.args['name']}\n", {"content-type": "text/plain"}

    app.asgi_app = wrap(app.asgi_app)  # type: ignore[method-assign]
    return app


def behind_channels(wrap: Wrap) -> Any:
    """An app of Channels' router."""
    from channels.routing import ProtocolTypeRouter

    return ProtocolTypeRouter({"http": wrap(plain_app.app)})


PLACES = [
    (middleware_of_starlette, "starlette"),
    (added_to_fastapi, "fastapi"),
    (mounted_in_starlette, "starlette"),
    (route_of_starlette, "starlette"),
    (middleware_of_litestar, "litestar"),
    (handler_of_litestar, "litestar"),
    (asgi_app_of_quart, "quart"),
    (behind_channels, "channels"),
]


def _answer(app: Any) -> Seen:
    async def ask() -> Seen:
        seen = Seen()
        address = "http://testserver"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=address) as one:
            seen.answer(await one.get("/hello?name=asgi"))
        return seen

    return asyncio.run(ask())


@pytest.mark.parametrize(("place", "package"), PLACES, ids=[each[0].__name__ for each in PLACES])
def test_a_place(place: Callable[[Wrap], Any], package: str) -> None:
    pytest.importorskip(package, reason="pip install --group frameworks")
    bare = _answer(place(lambda app: app))
    running = RunningTrace()
    assert _answer(place(running)) == bare
    assert bare[0][::2] == (200, b"hello asgi\n")
    (exchange,) = running
    assert exchange.status == 200
    assert exchange.path.endswith("?name=asgi")
    running.close()
