"""What was answered: as the app sent it, and as it went over the wire."""

import pytest

from asgitrace.store.model import Exchange
from asgitrace.views.fields import FieldLines
from asgitrace.views.headers import Answers
from asgitrace.wire import Wire
from tests.tui.detail.samples import http
from tests.tui.detail.wired import Wired
from tests.views.drawn import HOSTILE, drawn

Headers = list[list[bytes]]


def answered(status: int, given: Headers | None, head: bytes | None) -> Exchange:
    """An exchange with a response of the app's, and a head on the wire."""
    script = http("GET", "/x")
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1)
    if given is not None:
        script.send("http.response.start", 0.1, status=status, headers=given)
    if head is not None:
        w.on(Wire.RESPONSE, len(head), int(head.split()[1]), head=head)
    return w.exchange(1)


def shown(exchange: Exchange) -> list[str]:
    answers = Answers()
    answers.update(exchange)
    return [" ".join(line.split()) for line in drawn(FieldLines(answers.fields()))]


GIVEN = [[b"Content-Length", b"4"], [b"x-a", b"1"]]


def test_what_the_server_changed_is_told() -> None:
    head = b"HTTP/1.1 500 \r\nx-a: 2\r\ndate: today\r\nvia: y\r\n\r\n"
    assert shown(answered(200, GIVEN, head)) == [
        "Response headers, as the app sent them 200",
        "Content-Length 4",
        "x-a 1",
        "",
        "On the wire 500",
        "status 200 → 500",
        "removed content-length: 4",
        "changed x-a: 1 → 2",
        "added date: today",
        "added via: y",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (b"date: today\r\nserver: s\r\n", "as sent, with date and server added"),
        (b"date: today\r\n", "as sent, with date added"),
        (b"", "as sent"),
    ],
)
def test_what_every_server_adds_is_one_line(more: bytes, said: str) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-a: 1\r\n" + more + b"\r\n"
    assert shown(answered(200, GIVEN, head))[-2:] == ["On the wire 200", said]


def test_a_response_of_the_servers_own() -> None:
    head = b"HTTP/1.1 500 \r\nserver: s\r\n\r\n"
    assert shown(answered(0, None, head)) == ["On the wire 500, the server's own", "server s"]


def test_without_the_wire_nothing_is_said_of_it() -> None:
    assert shown(answered(200, GIVEN, None))[0] == "Response headers 200"


def test_the_head_may_come_later() -> None:
    answers = Answers()
    assert answers.update(answered(200, GIVEN, None))
    assert not answers.update(answered(200, GIVEN, None))
    assert answers.update(answered(200, GIVEN, b"HTTP/1.1 200 \r\n\r\n"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_headers(text: str) -> None:
    evil = text.encode("utf-8", "replace")
    head = b"HTTP/1.1 200 \r\n" + evil + b": " + evil + b"\r\n\r\n"
    shown(answered(200, [[evil, b"1"]], head))
    shown(answered(0, None, head))
