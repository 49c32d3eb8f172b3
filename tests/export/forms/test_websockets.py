"""Scripts that use websockets, run against a server that takes down what arrives."""

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve, unix_serve

from asgitrace.events import Flag
from asgitrace.export.forms.websockets import FORM
from asgitrace.store.model import Event, Exchange
from tests.export.forms.arriving import comments
from tests.replacing import replace
from tests.tui.detail.samples import Script


@dataclass
class Talk:
    """What the server heard."""

    server: Server
    path: str = ""
    headers: dict[str, list[str]] = field(default_factory=dict)
    heard: list[str | bytes] = field(default_factory=list)
    closed: tuple[int | None, str | None] | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        name = self.server.socket.getsockname()
        return f"unix:{name}" if isinstance(name, str) else f"http://127.0.0.1:{name[1]}"


@contextlib.contextmanager
def talking(answers: int = 1, path: str = "") -> Iterator[Talk]:
    """A server that greets, and answers each message so many times; after ``bye`` it closes."""

    def handle(websocket: ServerConnection) -> None:
        assert websocket.request is not None
        found = websocket.request.headers
        talk.path = websocket.request.path
        talk.headers = {name.lower(): found.get_all(name) for name in found}
        with contextlib.suppress(ConnectionClosed):
            websocket.send("hello")
            for message in websocket:
                talk.heard.append(message)
                for _ in range(answers):
                    websocket.send(message)
                if message == "bye":
                    websocket.close(4001, "bye")
        talk.closed = (websocket.close_code, websocket.close_reason)
        talk.done.set()

    options: dict[str, Any] = {
        "subprotocols": ["chat.v1"],
        "select_subprotocol": lambda _, offered: next(iter(offered), None),
    }
    server = unix_serve(handle, path, **options) if path else serve(
        handle, "127.0.0.1", 0, **options
    )  # fmt: skip
    talk = Talk(server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield talk
    finally:
        server.shutdown()
        thread.join()


def session(*said: str | bytes, answers: int = 1, code: int = 1000, **scope: Any) -> Script:
    """A client that hears ``hello``, says something, hears it again, and so on."""
    usual: dict[str, Any] = {
        "type": "websocket",
        "path": "/ws",
        "query_string": b"room=tea",
        "server": ["127.0.0.1", 8000],
        "headers": [[b"host", b"127.0.0.1:8000"], [b"sec-websocket-key", b"x"]],
    }
    script = Script(**{**usual, **scope})
    script.receive("websocket.connect").send("websocket.accept")
    script.send("websocket.send", text="hello").work(1)
    for one in said:
        message: dict[str, Any] = {"text" if isinstance(one, str) else "bytes": one}
        script.receive("websocket.receive", **message).work(1)
        for _ in range(answers):
            script.send("websocket.send", **message).work(1)
    return script.receive("websocket.disconnect", code=code, reason="done") if code else script


def run(exchange: Exchange, talk: Talk) -> list[str]:
    """What the script prints; afterwards the server knows how it was closed."""
    code = FORM.write(exchange, talk.address)
    assert code.replace("\n", "").isprintable()
    comments(code)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "made", "exec"), {})
    assert talk.done.wait(30)
    return out.getvalue().splitlines()


def test_a_conversation_is_had_again_in_its_order() -> None:
    said = ("tea?", 'it\'s "so"\n\x1b[31m\u202e', bytes(range(256)), "yes")
    with talking(answers=2) as talk:
        printed = run(session(*said, answers=2).exchange(1), talk)
        assert talk.heard == list(said)
        assert talk.path == "/ws?room=tea"
        assert talk.closed == (1000, "done")
    marks = "".join(line[:1] for line in printed if line[:1] in "<>")
    assert marks == "<" + "><<" * len(said)
    assert printed[-1] == "closed 1000 done"


def test_the_handshake() -> None:
    headers = [
        [b"host", b"shop.test"],
        [b"origin", b"http://shop.test"],
        [b"user-agent", b"tea/1"],
        [b"cookie", b"a=1"],
        [b"x-twice", b"1"],
        [b"x-twice", b"2"],
        [b"x-utf8", "茶".encode()],
        [b"x-latin", b"\xe9"],
        [b"x-control", b"\x1b[31m"],
        [b"sec-websocket-extensions", b"permessage-deflate"],
        [b"sec-websocket-version", b"13"],
    ]
    script = session(headers=headers, subprotocols=["chat.v1", "it's not one"])
    with talking() as talk:
        run(script.exchange(1), talk)
        found = talk.headers
    assert found["host"] == ["shop.test"]
    assert found["origin"] == ["http://shop.test"]
    assert found["user-agent"] == ["tea/1"]
    assert found["cookie"] == ["a=1"]
    assert found["x-twice"] == ["1", "2"]
    assert found["x-utf8"][0].encode("latin-1") == "茶".encode()
    assert found["x-latin"][0].encode("latin-1") == b"\xe9"
    assert "x-control" not in found
    assert found["sec-websocket-protocol"] == ["chat.v1"]
    assert "permessage-deflate" in found["sec-websocket-extensions"][0]
    assert comments(FORM.write(script.exchange(1), ""))[0] == (
        "Left out: 1 header with control characters."
    )


def test_nothing_is_added() -> None:
    with talking() as talk:
        run(session().exchange(1), talk)
        assert set(talk.headers) == {
            "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version",
        }  # fmt: skip


def test_a_client_that_was_cut_off_is_cut_off_again() -> None:
    with talking() as talk:
        printed = run(session("a", code=1006).exchange(1), talk)
        assert talk.closed == (1006, "")
    assert printed[-1].startswith("closed 1006")


def test_an_app_that_closes() -> None:
    script = session("a", "bye", code=0).send("websocket.close", code=4001)
    with talking() as talk:
        assert run(script.exchange(1), talk)[-1] == "closed 4001 bye"


def test_a_unix_socket(tmp_path: Any) -> None:
    with talking(path=str(tmp_path / "it's.sock")) as talk:
        run(session("a").exchange(1), talk)
        assert talk.heard == ["a"]


def test_what_is_missing_is_said() -> None:
    script = session("long", headers=[])
    script.receive("websocket.receive", text="cut").change(size=9000)
    script.receive("websocket.receive", bytes=None)
    script.events[-2] = _flagged(script.events[-2], Flag.TRUNCATED)
    code = FORM.write(script.exchange(1, missed=1), "https://127.0.0.1:8443")
    assert comments(code)[:4] == [
        "Parts may be missing: 1 event no longer there.",
        "Cut, as they were recorded up to the limit only: 1 message.",
        "Left out: 1 message that no client can send.",
        "With a certificate of your own: ssl=ssl.create_default_context(cafile=...)",
    ]
    assert "wss://127.0.0.1:8443" in code


def _flagged(event: Event, flag: Flag) -> Event:
    return replace(event, flags=event.flags | flag)


def test_it_is_for_sessions_only() -> None:
    exchange = Script(type="http", path="/").exchange(1)
    assert FORM.refuses(exchange) == "for WebSocket sessions only"


@pytest.mark.parametrize("host", [b"evil.test/@x", b"a:99999", b"'", b":1", b"a:"])
def test_a_hostile_host_is_no_part_of_the_address(host: bytes) -> None:
    code = FORM.write(session(headers=[[b"host", host]]).exchange(1), "")
    assert "'ws://127.0.0.1:8000/ws?room=tea'" in code
