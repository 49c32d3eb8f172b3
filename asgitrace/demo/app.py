"""The demo's site: a plain ASGI app, standard library only, for asyncio servers.

Run it under any server, ``uvicorn asgitrace.demo.app:app``, or with its visitors,
``asgitrace demo``.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.demo import handlers, shop
from asgitrace.demo.chat import Chat, serve_chat
from asgitrace.demo.request import ClientGone, Refusal, Request

log = logging.getLogger("asgitrace.demo")

Handler: TypeAlias = Callable[[Request], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template; ``{name}`` stands for one segment of the path."""

    methods: tuple[str, ...]
    template: str
    handler: Handler

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters if it fits the template."""
        wanted, given = self.template.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        parameters = {}
        for want, have in zip(wanted, given, strict=True):
            if want.startswith("{") and have:
                parameters[want.strip("{}")] = have
            elif want != have:
                return None
        return parameters


async def index(request: Request) -> None:
    """This page."""
    root = request.scope.get("root_path", "")
    rows = "".join(
        f"<tr><td>{' '.join(route.methods)}<td>{_link(root, route)}"
        f"<td>{escape(route.handler.__doc__ or '')}</tr>\n"
        for route in ROUTES
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>asgitrace demo</title>\n"
        f"<h1>asgitrace demo</h1>\n<table>\n{rows}"
        "<tr><td>WebSocket<td>/ws/chat<td>A chat: ?name= and ?room=, subprotocol chat.v1.</tr>\n"
        "<tr><td>WebSocket<td>/ws/private<td>Closed before it is accepted.</tr>\n</table></html>\n"
    )
    await request.respond(200, page.encode(), b"text/html; charset=utf-8")


def _link(root: str, route: Route) -> str:
    target = escape(root + route.template)
    linked = "GET" in route.methods and "{" not in route.template
    return f'<a href="{target}">{target}</a>' if linked else target


READ = ("GET", "HEAD")

ROUTES = (
    Route(READ, "/", index),
    Route(READ, "/api/items", shop.list_items),
    Route(("POST",), "/api/items", shop.create_item),
    Route(READ, "/api/items/{id}", shop.show_item),
    Route(("DELETE",), "/api/items/{id}", shop.delete_item),
    Route(("GET",), "/slow", handlers.slow),
    Route(("GET",), "/stream", handlers.stream),
    Route(("GET",), "/events", handlers.events),
    Route(("POST", "PUT"), "/upload", handlers.upload),
    Route(("GET",), "/download", handlers.download),
    Route(("GET", "POST"), "/report", handlers.report),
    Route(READ, "/boom", handlers.boom),
    Route(READ, "/old", handlers.old),
)


def resolve(method: str, path: str) -> tuple[Handler, dict[str, str]]:
    """The handler for a request; refuses with 404 or, where only the method is wrong, 405."""
    allowed: list[str] = []
    for route in ROUTES:
        parameters = route.match(path)
        if parameters is not None and method in route.methods:
            return route.handler, parameters
        if parameters is not None:
            allowed.extend(route.methods)
    if allowed:
        raise Refusal(405, "method not allowed", [(b"allow", ", ".join(allowed).encode())])
    raise Refusal(404, "not found")


class DemoApp:
    """The site. Its state lives in the lifespan's; where a server has none, in the app itself."""

    def __init__(self) -> None:
        self._own_state: dict[str, Any] = {}
        self._log_handler: logging.Handler | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        match scope["type"]:
            case "lifespan":
                await self._lifespan(scope, receive, send)
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                await self._websocket(scope, receive, send)
            case other:  # the specification asks for an exception on a protocol that is not known
                raise ValueError(f"scope type {other!r} is not supported")

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.get("state", self._own_state)
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._open(state)
                await send({"type": "lifespan.startup.complete"})
            else:
                self._close(state)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _open(self, state: dict[str, Any]) -> None:
        if not log.hasHandlers():  # nobody else has set up logging
            self._log_handler = logging.StreamHandler()
            self._log_handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
            log.addHandler(self._log_handler)
            log.setLevel(logging.INFO)
        _furnish(state)
        print(f"shop: open with {len(state['shop'].items)} items", flush=True)

    def _close(self, state: dict[str, Any]) -> None:
        state.clear()
        print("shop: closed", flush=True)
        if self._log_handler is not None:
            log.removeHandler(self._log_handler)
            self._log_handler = None

    def _state(self, scope: Scope) -> Mapping[str, Any]:
        state: dict[str, Any] = scope.get("state", self._own_state)
        if "shop" in state:
            return state
        _furnish(self._own_state)
        return self._own_state

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send, state=self._state(scope), parameters={})
        try:
            try:
                handler, request.parameters = resolve(scope["method"], _path(scope))
                await handler(request)
            except Refusal as refusal:
                await request.respond_json(
                    refusal.status, {"error": refusal.error}, refusal.headers
                )
        except ClientGone:
            log.info("the client of %s %s left early", scope["method"], scope["path"])

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _path(scope) == "/ws/chat":
            await serve_chat(scope, receive, send, self._state(scope)["chat"])
            return
        if (await receive())["type"] != "websocket.connect":
            return
        denial = "websocket.http.response" in (scope.get("extensions") or {})
        if _path(scope) == "/ws/private" or not denial:
            await send({"type": "websocket.close"})  # before accept: the server answers 403
            return
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})


def _furnish(state: dict[str, Any]) -> None:
    state.setdefault("shop", shop.stocked_shop())
    state.setdefault("chat", Chat())


def _path(scope: Scope) -> str:
    """The path below the point where the app is mounted: ``path`` includes ``root_path``."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root and path.startswith(f"{root}/") else path


app = DemoApp()
