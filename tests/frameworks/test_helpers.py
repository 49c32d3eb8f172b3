"""The frameworks' own helpers on a wrapped app: they see what they see of the bare one, and all of
it is recorded.

Django's AsyncClient is not among them: it calls Django's handler, never an ASGI application."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from asgitrace.library import LoadedExchange
from asgitrace.store import RowKind
from asgitrace.testing.running import RunningTrace
from tests.frameworks import helping
from tests.frameworks.events import check_timing


def app_of(module: str) -> Callable[[], Any]:
    """Gives an app of the matrix, imported when it is asked for."""
    return lambda: import_module(f"tests.frameworks.apps.{module}").app


def without_lifespan() -> Any:
    """Starlette's, for a client that gives a lifespan no state."""
    from starlette.applications import Starlette

    return Starlette(routes=app_of("starlette_app")().routes)


HELPERS = [
    (helping.starlette_client, "starlette", app_of("starlette_app"), 13),
    (helping.starlette_upload, "starlette", app_of("starlette_app"), 2),
    (helping.fastapi_client, "fastapi", app_of("fastapi_app"), 18),
    (helping.transport, "httpx", app_of("plain_app"), 6),
    (helping.lifespan_manager, "asgi_lifespan", app_of("starlette_app"), 5),
    (helping.failing_lifespan, "asgi_lifespan", lambda: helping.unable_app, 1),
    (helping.async_asgi_testclient, "async_asgi_testclient", without_lifespan, 6),
    (helping.litestar_client, "litestar", app_of("litestar_app"), 9),
    (helping.quart_client, "quart", app_of("quart_app"), 8),
    (helping.communicators, "channels", app_of("channels_app"), 5),
    (helping.identities, "asgiref", lambda: helping.keeping_app, 1),
]


# Newer ones prefer another package, and work with this one.
@pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
@pytest.mark.parametrize(
    ("drive", "package", "make", "count"), HELPERS, ids=[each[0].__name__ for each in HELPERS]
)
def test_a_helper_sees_the_bare_app(
    drive: helping.Drive, package: str, make: Callable[[], Any], count: int
) -> None:
    pytest.importorskip(package, reason="pip install --group frameworks")
    bare = drive(make())
    running = RunningTrace()
    assert drive(running(make())) == bare
    assert False not in bare
    exchanges = [one for one in running if one.kind is not RowKind.PROCESS]
    assert len(exchanges) == count, exchanges
    for exchange in exchanges:
        check_ended(exchange)
    running.close()


def check_ended(exchange: LoadedExchange) -> None:
    """It is recorded whole."""
    assert exchange.missed == 0
    check_timing(exchange, f"{exchange.method} {exchange.path}")


def test_the_client_that_quart_makes_itself() -> None:
    """It calls the app that it is of, so Quart's own place for middleware is where to wrap."""
    pytest.importorskip("quart", reason="pip install --group frameworks")
    app, running = app_of("quart_app")(), RunningTrace()
    plain = app.asgi_app
    bare = helping.quart_own_client(app)
    app.asgi_app = running(plain)
    try:
        assert helping.quart_own_client(app) == bare
    finally:
        app.asgi_app = plain
    assert [one.path for one in running] == ["", "/hello?name=asgi", "/ws"]
    for exchange in running:
        check_ended(exchange)
    running.close()
