"""The first half of the table: frameworks, and the forms that introductions to ASGI teach."""

from typing import Any, Final

import httpx

from asgitrace.events import Outcome
from asgitrace.library import LoadedTrace
from tests.frameworks.clients import PATIENCE
from tests.frameworks.expected import exchanges_at
from tests.frameworks.features import Background, Feature, Framework, Own, features, without

_NO_LIFESPAN: Final = {
    Feature.LIFESPAN: "it raises on that scope, which tells the server to go on without"
}


def _see_events(port: int) -> list[str]:
    """The first lines of an endless stream; then the client goes."""
    with httpx.stream("GET", f"http://127.0.0.1:{port}/events", timeout=PATIENCE) as response:
        lines = response.iter_lines()
        return [next(lines) for _ in range(9)]


def _check_events(seen: Any, trace: LoadedTrace) -> None:
    assert seen == ["id: 0", "data: tick", "", "id: 1", "data: tick", "", "id: 2", "data: tick", ""]
    (exchange,) = exchanges_at(trace, "/events")
    # Either it received the disconnect, or the server refused the event after it.
    told = any(event.type == "http.disconnect" for event in exchange.events)
    refused = any(event.outcome is Outcome.RAISED for event in exchange.events)
    assert told or refused
    pieces = [one["body"] for one in exchange.sent if one["type"] == "http.response.body"]
    assert pieces == [b"id: %d\ndata: tick\n\n" % number for number in range(len(pieces))]


FRAMEWORKS: Final = (
    Framework("Starlette", "starlette_app", "starlette"),
    Framework("FastAPI", "fastapi_app", "fastapi", multipart=True),
    Framework("Litestar", "litestar_app", "litestar", raises="", session_raises=""),
    Framework(
        "Quart", "quart_app", "quart", raises="", background=Background.APART, session_raises=""
    ),
    Framework(
        "Django",
        "django_app",
        "django",
        features=without(Feature.WEBSOCKET, Feature.LIFESPAN),
        lacks={
            Feature.WEBSOCKET: "it has none of its own; see Channels",
            **_NO_LIFESPAN,
        },
        multipart=True,
        raises="",
        no_lifespan="ValueError",
        background=Background.APART,
    ),
    Framework(
        "Django Channels",
        "channels_app",
        "channels",
        features=without(Feature.LIFESPAN) | {Feature.BROADCAST},
        lacks=_NO_LIFESPAN,
        multipart=True,
        raises="",
        no_lifespan="ValueError",
        background=Background.APART,
    ),
    Framework("ASGI 3 by hand", "plain_app"),
    Framework("ASGI 2 by hand", "asgi2_app", legacy=True),
    Framework(
        "bare app", "bare_app", features=features(Feature.HTTP), no_lifespan="AssertionError"
    ),
    Framework(
        "middleware chain",
        "chain_app",
        features=features(Feature.HTTP, Feature.STREAMING, Feature.UPLOAD, Feature.RAISING),
        raises="",
        no_lifespan="ValueError",
    ),
    Framework(
        "lifespan with state", "state_app", features=features(Feature.HTTP, Feature.LIFESPAN)
    ),
    Framework(
        "chat by the others' send",
        "chat_app",
        features=features(Feature.BROADCAST),
        no_lifespan="ValueError",
    ),
    Framework(
        "server-sent events by hand",
        "sse_app",
        features=features(Feature.HTTP, Feature.OWN),
        no_lifespan="ValueError",
        own=Own("events until the client goes", _see_events, _check_events),
    ),
)
