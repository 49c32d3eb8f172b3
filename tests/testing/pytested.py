"""A run of pytest with the plugin, and an app to be tested in it."""

import pytest

# A run in this process forgets what it imports, and numpy cannot be imported twice.
import asgitrace.testing.reporting  # noqa: F401

PLUGIN = ("-p", "asgitrace.testing.plugin", "-p", "anyio")
"""Those that are installed are not loaded by themselves: some of them mind being run in a run."""

APP = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"].upper()})
        return
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/raises":
        raise ValueError("no \\x1b[2J such item")
    status = 404 if scope["path"] == "/none" else 200
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
"""


INI = """[pytest]
filterwarnings =
    error
    ignore:Using .httpx.
"""


class Run:
    """Runs a test module in this process."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def __call__(self, test: str, *arguments: str) -> pytest.RunResult:
        head = "import pytest\nfrom shop import app\nfrom starlette.testclient import TestClient\n"
        self.pytester.makepyfile(test_shop=head + test)
        return self.pytester.runpytest_inprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)
