"""The second half of the table: more frameworks, WSGI through a2wsgi, and what people run on ASGI
besides."""

from typing import Final

from tests.frameworks import visits
from tests.frameworks.features import Background, Feature, Framework, features, without

_WSGI: Final = {Feature.WEBSOCKET: "WSGI has none"}

FRAMEWORKS: Final = (
    Framework(
        "BlackSheep",
        "blacksheep_app",
        "blacksheep",
        raises="",
        background=Background.APART,
        session_raises="",
    ),
    Framework(
        "Connexion",
        "connexion_app",
        "connexion",
        features=without(Feature.WEBSOCKET),
        lacks={Feature.WEBSOCKET: "OpenAPI describes none"},
        raises="",
    ),
    Framework(
        "Ravyn (Esmerald)", "ravyn_app", "ravyn", multipart=True, raises="", session_raises=""
    ),
    Framework(
        "Falcon",
        "falcon_app",
        "falcon",
        raises="",
        background=Background.APART,
        session_raises="",
    ),
    Framework(
        "Sanic",
        "sanic_app",
        "sanic",
        features=without(Feature.WEBSOCKET) | {Feature.OWN},
        lacks={Feature.WEBSOCKET: "under ASGI the `close()` of its sessions does nothing"},
        raises="",
        background=Background.APART,
        own=visits.SESSION,
    ),
    Framework(
        "rpc.py",
        "rpcpy_app",
        "rpc.py",
        features=features(Feature.OWN),
        lacks={Feature.HTTP: "its requests are calls of functions"},
        no_lifespan="AssertionError",
        own=visits.RPC,
    ),
    Framework(
        "Flask (WSGI)",
        "flask_app",
        "flask",
        features=without(Feature.WEBSOCKET),
        lacks=_WSGI,
        raises="",
    ),
    Framework(
        "Django (WSGI)",
        "django_wsgi_app",
        "django",
        features=without(Feature.WEBSOCKET),
        lacks=_WSGI,
        multipart=True,
        raises="",
    ),
    Framework(
        "Falcon (WSGI)",
        "falcon_wsgi_app",
        "falcon",
        features=without(Feature.WEBSOCKET, Feature.BACKGROUND),
        lacks={**_WSGI, Feature.BACKGROUND: "it has no means of its own for it"},
        raises="",
    ),
    Framework(
        "python-socketio",
        "socketio_app",
        "python-socketio",
        features=without() | {Feature.OWN},
        own=visits.SOCKETIO,
    ),
    Framework(
        "sse-starlette",
        "sse_starlette_app",
        "sse-starlette",
        features=features(Feature.HTTP, Feature.LIFESPAN, Feature.OWN),
        own=visits.SSE,
    ),
    Framework(
        "Strawberry",
        "strawberry_app",
        "strawberry-graphql",
        features=features(Feature.OWN),
        no_lifespan="ValueError",
        own=visits.GRAPHQL,
    ),
    Framework(
        "MCP", "mcp_app", "mcp", features=features(Feature.LIFESPAN, Feature.OWN), own=visits.MCP
    ),
)
"""All rows of the table."""
