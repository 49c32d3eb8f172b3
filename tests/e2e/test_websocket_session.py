"""A long WebSocket session through the embedded server is recorded completely and in order."""

import base64
import random
from typing import Any

from websockets.sync.client import connect

from tests.e2e.conftest import Record

COUNT = 10_000


def _messages() -> list[str | bytes]:
    """Text and bytes of all sorts, told apart by their number."""
    source = random.Random(7)
    made: list[str | bytes] = []
    for number in range(COUNT):
        if number % 3 == 0:
            made.append(number.to_bytes(4, "big") + source.randbytes(source.randrange(120)))
        else:
            made.append(f"{number} " + "".join(source.choices('aé漢\n"\\{\x7f😀', k=number % 40)))
    return made


def _recorded(event: dict[str, Any]) -> str | bytes:
    message = event["message"]
    if message.get("text") is not None:
        text = message["text"]
        assert isinstance(text, str)
        return text
    data = message["bytes"]
    return base64.b64decode(data["base64"]) if isinstance(data, dict) else data.encode()


def test_ten_thousand_messages_each_way(record: Record) -> None:
    """The saved trace is, byte for byte, what the client sent and received."""
    recording = record("plain_app:app")
    sent = _messages()
    received: list[str | bytes] = []
    url = f"ws://127.0.0.1:{recording.port}/echo"
    with connect(url, max_size=None, compression="deflate") as client:
        for start in range(0, COUNT, 100):
            for message in sent[start : start + 100]:
                client.send(message)
            received.extend(client.recv(timeout=30) for _ in sent[start : start + 100])
    assert recording.stop() == 0, recording.stderr
    assert received == sent

    events = [event for event in recording.events("/echo") if event.get("type")]
    heard = [_recorded(event) for event in events if event["type"] == "websocket.receive"]
    said = [_recorded(event) for event in events if event["type"] == "websocket.send"]
    assert heard == sent
    assert said == received
    assert not [line for line in recording.trace() if line["line"] == "missed"]
    assert events[-1]["type"] == "websocket.disconnect"
