"""Headless Chromium, driven over its DevTools protocol: fetch, streams, events, WebSockets."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.conformance.conftest import LIMIT, Site, program, running
from tests.e2e.conftest import eventually

_DEVTOOLS = re.compile(r"DevTools listening on (ws://\S+)")

Evaluate = Callable[[str], Any]


class Browser:
    """A page in a browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._number = 0
        self._session: dict[str, str] = {}

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = {
            "sessionId": self._call("Target.attachToTarget", targetId=target, flatten=True)[
                "sessionId"
            ]
        }
        self._call("Page.enable")
        self._call("Page.navigate", url=url)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, script: str) -> Any:
        """The value of the promise that a script is."""
        done = self._call(
            "Runtime.evaluate",
            expression=f"(async () => {{ {script} }})()",
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        call = {"id": self._number, "method": method, "params": parameters, **self._session}
        self._connection.send(json.dumps(call))
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> Any:
        return json.loads(self._connection.recv(timeout=LIMIT))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = program("chromium", "chromium")
    folder = tmp_path_factory.mktemp("chromium")
    log = folder / "log"
    command = [
        *(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--remote-debugging-port=0", f"--user-data-dir={folder / 'profile'}", "about:blank"),
    ]
    with running(command, log):
        found = eventually(lambda: _DEVTOOLS.search(log.read_text(errors="replace")), "DevTools")
        with connect(found[1], max_size=None, open_timeout=LIMIT) as connection:
            yield Browser(connection)


@pytest.fixture
def evaluate(browser: Browser, site: Site) -> Evaluate:
    """Run a script on the site's page."""
    browser.open(site.url("/page"))
    return browser.evaluate


def test_page(evaluate: Evaluate) -> None:
    assert evaluate("return document.title") == "page"


def test_fetch(evaluate: Evaluate) -> None:
    told = evaluate("""
        const sent = new Uint8Array(300000).fill(7);
        const back = new Uint8Array(await (await fetch("/echo", {method: "POST", body: sent}))
            .arrayBuffer());
        const gone = await fetch("/status/204");
        const head = await fetch("/big", {method: "HEAD"});
        return [back.length, back.every(byte => byte == 7), gone.status,
                head.headers.get("content-length")];
    """)

    assert told == [300_000, True, 204, "4194304"]


def test_fetch_streams(evaluate: Evaluate) -> None:
    told = evaluate("""
        const reader = (await fetch("/stream")).body.pipeThrough(new TextDecoderStream())
            .getReader();
        let text = "", pieces = 0;
        for (let step; !(step = await reader.read()).done; pieces++) text += step.value;
        return [text.split("\\n").length, pieces > 1];
    """)

    assert told == [11, True]


def test_fetch_is_aborted(evaluate: Evaluate) -> None:
    told = evaluate("""
        const control = new AbortController();
        const reader = (await fetch("/events", {signal: control.signal})).body.getReader();
        await reader.read();
        control.abort();
        const error = await reader.read().catch(error => error.name);
        return [error, (await fetch("/status/200")).status];
    """)

    assert told == ["AbortError", 200]


def test_events(evaluate: Evaluate) -> None:
    told = evaluate("""
        const source = new EventSource("/events");
        const data = [];
        await new Promise(resolve => source.onmessage = event => {
            data.push([event.lastEventId, event.data]);
            if (data.length == 5) resolve();
        });
        source.close();
        return data;
    """)

    assert told == [[str(number), f"event {number}"] for number in range(5)]


def test_websocket(evaluate: Evaluate) -> None:
    told = evaluate("""
        const socket = new WebSocket(`ws://${location.host}/ws`, ["chat", "other"]);
        socket.binaryType = "arraybuffer";
        await new Promise((resolve, reject) => {
            socket.onopen = resolve; socket.onerror = reject;
        });
        const next = () => new Promise(resolve => socket.onmessage = event => resolve(event.data));
        const sizes = [];
        for (const size of [0, 125, 126, 65536, 500000]) {
            const message = next();
            socket.send(new Uint8Array(size));
            sizes.push((await message).byteLength);
        }
        const text = next();
        socket.send("\\u20ac".repeat(1000));
        const same = (await text) == "\\u20ac".repeat(1000);
        const closed = new Promise(resolve => socket.onclose = resolve);
        socket.close(3500, "bye");
        const end = await closed;
        return [socket.protocol, socket.extensions, sizes, same,
                end.code, end.reason, end.wasClean];
    """)

    protocol, extensions, *rest = told
    assert protocol == "chat"
    assert extensions.startswith("permessage-deflate")
    assert rest == [[0, 125, 126, 65536, 500_000], True, 3500, "bye", True]


def test_websocket_is_closed(evaluate: Evaluate) -> None:
    told = evaluate("""
        const end = path => new Promise(resolve => {
            new WebSocket(`ws://${location.host}${path}`).onclose = resolve;
        });
        const closed = await end("/ws/closed"), rejected = await end("/ws/rejected");
        return [closed.code, closed.reason, closed.wasClean, rejected.code];
    """)

    assert told == [4001, "as asked", True, 1006]


def test_protocol(evaluate: Evaluate) -> None:
    assert evaluate("return performance.getEntriesByType('navigation')[0].nextHopProtocol") == (
        "http/1.1"
    )
