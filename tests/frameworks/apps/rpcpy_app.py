"""rpc.py: functions that are called by name; one of them yields."""

from collections.abc import AsyncIterator

from rpcpy import RPC

app = RPC(mode="ASGI")


@app.register
async def greet(name: str) -> str:
    """A greeting."""
    return f"hello {name}"


@app.register
async def count(limit: int) -> AsyncIterator[int]:
    """Numbers, as events."""
    for number in range(limit):
        yield number


@app.register
async def fail() -> None:
    """A function that raises."""
    raise RuntimeError("the function raised")
