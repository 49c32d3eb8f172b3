"""Strawberry: GraphQL, with subscriptions over a WebSocket."""

from collections.abc import AsyncIterator

import strawberry
from strawberry.asgi import GraphQL


@strawberry.type
class Query:
    """What can be asked for."""

    @strawberry.field
    def hello(self, name: str) -> str:
        """A greeting."""
        return f"hello {name}"


@strawberry.type
class Subscription:
    """What can be waited for."""

    @strawberry.subscription
    async def count(self, limit: int) -> AsyncIterator[int]:
        """Numbers, one after the other."""
        for number in range(limit):
            yield number

    @strawberry.subscription
    async def failing(self) -> AsyncIterator[int]:
        """One number, and an error."""
        yield 0
        raise RuntimeError("the subscription raised")


app = GraphQL(strawberry.Schema(Query, subscription=Subscription))
