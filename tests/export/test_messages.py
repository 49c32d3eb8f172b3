"""Messages as JSON lines."""

import json

from asgitrace.events import Flag, Kind
from asgitrace.export.messages import message_lines
from tests.tui.detail.samples import Script


def test_a_conversation() -> None:
    script = Script(type="websocket", path="/ws").receive("websocket.connect").work(1)
    script.send("websocket.accept", subprotocol="chat")
    script.receive("websocket.receive", wait=2, text="a\u202e\x1b")
    script.send("websocket.send", bytes=b"\xff").change(flags=Flag.TRUNCATED, size=9)
    script.send("websocket.send", bytes=b"utf-8")
    script.receive("websocket.disconnect", code=1001, reason="off")
    script.pending(Kind.RECEIVE)
    lines = [*message_lines(script.exchange(1))]
    assert all(line.decode().rstrip("\n").isprintable() for line in lines)
    found = [json.loads(line) for line in lines]
    assert [one.pop("at_ms") for one in found] == [1.02, 3.04, 3.04, 3.06, 3.1]
    assert found == [
        {"from": "app", "type": "websocket.accept", "size": 0, "subprotocol": "chat"},
        {"from": "client", "type": "websocket.receive", "size": 5, "text": "a\u202e\x1b"},
        {"from": "app", "type": "websocket.send", "size": 9, "base64": "/w==", "truncated": True},
        {"from": "app", "type": "websocket.send", "size": 5, "bytes": "utf-8"},
        {"from": "client", "type": "websocket.disconnect", "size": 0, "code": 1001,
         "reason": "off"},
    ]  # fmt: skip


def test_chunks_of_bodies() -> None:
    script = Script(type="http", path="/").send("http.response.body", body=b"a", more_body=True)
    script.send("http.response.body", body=b"b").change(payload=b"")
    found = [json.loads(line) for line in message_lines(script.exchange(1))]
    assert [one.get("body") for one in found] == ["a", None]
    assert (found[0]["more"], found[1]["lost"]) == (True, True)
