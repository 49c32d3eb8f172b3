"""What a message says in one line."""

from typing import Any

import pytest

from asgitrace.views.summary import payload_text, summarise
from tests.tui.detail.samples import Script


def said(kind: str, **content: Any) -> str:
    script = Script(type="websocket", path="/").send(kind, 0.1, **content)
    return "".join(text for text, _ in summarise(script.events[-1]))


@pytest.mark.parametrize(
    ("content", "words"), [({}, ""), ({"subprotocol": "chat.v1"}, "subprotocol chat.v1")]
)
def test_accept_says_what_its_name_does_not(content: dict[str, Any], words: str) -> None:
    assert said("websocket.accept", **content) == words


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "1012  service restart"),
        ("service restart", "1012  service restart"),
        ("back soon", "1012  service restart  back soon"),
    ],
)
def test_the_reason_of_a_close_is_said_once(reason: str, words: str) -> None:
    assert said("websocket.close", code=1012, reason=reason) == words


def test_long_payloads_are_cut_in_hex() -> None:
    assert payload_text(bytes(40)).endswith("00 …")
    assert payload_text(b"tea time") == '"tea time"'
