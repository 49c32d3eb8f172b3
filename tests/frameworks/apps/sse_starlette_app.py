"""sse-starlette: server-sent events as a response of Starlette's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from tests.frameworks.apps.starlette_app import hello, lifespan, started


async def events(request: Request) -> EventSourceResponse:
    """An event after the other, until the client goes."""

    async def ticks() -> AsyncIterator[ServerSentEvent]:
        number = 0
        while True:
            yield ServerSentEvent("tick", id=str(number), event="time")
            number += 1
            await asyncio.sleep(0.01)

    return EventSourceResponse(ticks())


async def three(request: Request) -> EventSourceResponse:
    """Three events and no more."""

    async def counted() -> AsyncIterator[dict[str, Any]]:
        for number in range(3):
            yield {"data": f"{number}"}

    return EventSourceResponse(counted())


app = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/started", started),
        Route("/events", events),
        Route("/three", three),
    ],
    lifespan=lifespan,
)
