"""An app with breakpoints: in the event loop, in a thread, behind an exception."""

import asyncio
import os
import pdb
import sys

from asgitrace.asgi import Receive, Scope, Send

looked_into = asyncio.Event()
added: list[int] = []


def add(number: int) -> int:
    """Something to look into."""
    total = number + 1
    added.append(number)
    breakpoint()
    total += 1
    return total


def divide() -> str:
    """Looked into when it is too late."""
    try:
        return str(1 / 0)
    except ZeroDivisionError as error:
        pdb.post_mortem(error.__traceback__)
    return "divided"


def ask() -> str:
    """What an app gets that asks without a debugger."""
    try:
        return input("what? ")
    except EOFError:
        return "nothing"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by path."""
    if scope["type"] == "lifespan":
        return
    print("called", scope["path"])
    match scope["path"]:
        case "/loop":
            text = str(add(40))
            looked_into.set()
        case "/thread":
            text = str(await asyncio.to_thread(add, 50))
        case "/added":
            text = str(len(added))
        case "/divide":
            text = divide()
        case "/ask":
            text = ask()
        case "/wait":
            await looked_into.wait()
            text = "waited"
        case _:
            text = str(os.getpid())
    print("answered", scope["path"], file=sys.stderr)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})
