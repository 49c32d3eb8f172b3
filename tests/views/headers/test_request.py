"""What came: headers in their case, query, cookies, target."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.ring import encode
from asgitrace.store.model import Exchange
from asgitrace.views.fields import Field, FieldLines
from asgitrace.views.headers import request_fields
from asgitrace.views.headers.cookies import kept_cookies, sent_cookies
from asgitrace.views.headers.notes import NOTES, note
from asgitrace.views.headers.query import query_fields
from asgitrace.views.headers.target import target_fields
from asgitrace.wire import Wire
from tests.replacing import replace
from tests.tui.detail.samples import WALL, http
from tests.tui.detail.wired import Wired
from tests.views.drawn import HOSTILE, drawn


def all_opened(fields: list[Field]) -> list[Field]:
    return [replace(field, opened=True) for field in fields]


def shown(fields: list[Field], width: int = 100) -> list[str]:
    """The fields with all their parts, a line each."""
    return [" ".join(line.split()) for line in drawn(FieldLines(all_opened(fields)), width)]


def plain(fields: list[Field]) -> list[tuple[str, str]]:
    return [(field.label, field.value) for field in fields if not field.heading]


# Query


def test_a_query_as_it_came() -> None:
    found = query_fields(b"q=a+b&q=&x&&bad=%zz&n=%ff&%E2%82%AC=1")
    assert plain(found) == [
        ("q", "a b"),
        ("q", "(blank)"),
        ("x", "(no =)"),
        ("(empty)", "nothing between two &"),
        ("bad", "%zz"),
        ("n", "\udcff"),
        ("€", "1"),
    ]
    assert [part.value for part in found[2].parts] == ["number 2 of this name", "as it came: q="]
    assert "begins no escape" in found[5].parts[0].value
    assert found[6].parts[0].value == "not UTF-8"
    assert not query_fields(b"")


@given(st.lists(st.binary(max_size=6).map(lambda data: data.replace(b"&", b""))))
def test_every_piece_of_a_query_is_there(pieces: list[bytes]) -> None:
    query = b"&".join(pieces)
    found = plain(query_fields(query))
    assert len(found) == (len(pieces) if query else 0)


def test_a_query_without_end() -> None:
    assert query_fields(b"&" * 5_000)[-1].value == "4,000 more bytes are not taken apart"
    assert "more bytes" in query_fields(b"a=" + b"x" * 100_000)[-1].value


# Cookies


def test_cookies_that_were_sent() -> None:
    headers = [(b"Cookie", b"a=1; b=; flag;"), (b"cookie", b"a=2=3")]
    found = sent_cookies(headers)
    assert plain(found) == [("a", "1"), ("b", "(blank)"), ("(no name)", "flag"), ("a", "2=3")]
    assert "number 2" in found[-1].about
    assert not sent_cookies([(b"host", b"x")])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"a=1", ["no expiry: kept until the browser is closed", "no Domain: sent to this host",
                  "not set: Secure, HttpOnly, SameSite"]),
        (b"a=1; Max-Age=3600; Domain=x.y; Secure; HttpOnly; SameSite=Lax",
         ["Max-Age 3600 kept for 1 hour", "Domain x.y sent to this host and those below it",
          "Secure sent by HTTPS only", "HttpOnly scripts cannot read it"]),
        (b"a=1; Expires=Wed, 15 Nov 2023 22:13:20 GMT", ["in 1 day"]),
        (b"a=1; Expires=Wed, 15 Nov 2003 22:13:20 GMT", ["in the past: the cookie is deleted"]),
        (b"a=1; Expires=soon", ["no date: browsers ignore it"]),
        (b"a=1; Expires=soon; Max-Age=0", ["not looked at: Max-Age comes first",
                                           "the cookie is deleted"]),
        (b"a=1; Max-Age=x; Nonsense=1", ["no number: browsers ignore it",
                                         "unknown attribute: browsers ignore it"]),
        (b"a=1; SameSite=None", ["SameSite=None needs Secure"]),
        (b"__Host-a=1; Secure; Path=/a", ["__Host- needs Path=/ and no Domain"]),
        (b"__Secure-a=1", ["its prefix needs Secure"]),
        (b"a=1; SameSite=odd; Path=x; Domain=", ["unknown value", "no path: that of the request",
                                                 "empty: as if it were not there"]),
        (b"nothing", ["(no =) nothing"]),
    ],
)  # fmt: skip
def test_cookies_to_keep(value: bytes, said: list[str]) -> None:
    text = "\n".join(shown(kept_cookies([(b"Set-Cookie", value)], WALL)))
    for words in said:
        assert words in text


def test_many_cookies() -> None:
    assert "100 more" in kept_cookies([(b"set-cookie", b"a=1")] * 600, WALL)[-1].value
    assert "not taken apart" in sent_cookies([(b"cookie", b"a=1;" * 600)])[-1].value


# Target


def targets(line: bytes | None = None, **scope: Any) -> str:
    return "\n".join(shown(target_fields(scope, line)))


def test_what_became_of_the_target() -> None:
    text = targets(
        b"GET /a%2Fb?q=1 HTTP/1.1",
        raw_path=b"/mnt/a%2Fb", path="/mnt/a/b", root_path="/mnt", query_string=b"q=1",
    )  # fmt: skip
    assert "request GET /a%2Fb?q=1 HTTP/1.1" in text
    assert "can no longer be told from a slash" in text
    assert "inside of it the path is /a/b" in text
    assert "the server put root_path in front" in text


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ({"raw_path": b"/a%20b", "path": "/a b"}, "with its escapes undone"),
        ({"raw_path": b"/a", "path": "/b"}, "not what raw_path decodes to"),
        ({"raw_path": b"/%ff", "path": "/\ufffd"}, "not UTF-8"),
        ({"path": "/x", "root_path": "/mnt"}, "does not begin with it"),
        ({"path": "/m/m/x", "root_path": "/m"}, "path has it twice"),
        ({"path": "/m/x", "root_path": "/m/"}, "ends in a slash"),
        ({"query_string": b"?a=1"}, "begins with ?"),
        ({"path": "/x"}, "no raw_path"),
    ],
)
def test_what_is_odd_about_a_scope(scope: dict[str, Any], said: str) -> None:
    assert said in targets(**scope)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"GET http://h:1/x HTTP/1.1", "absolute form"),
        (b"GET /other HTTP/1.1", "raw_path is not the path of the request"),
        (b"GET /x?b=2 HTTP/1.1", "query_string is not that of the request"),
        (b"GET /x? HTTP/1.1", "nothing behind it"),
    ],
)
def test_where_the_scope_is_not_the_request(line: bytes, said: str) -> None:
    assert said in targets(line, raw_path=b"/x", path="/x", query_string=b"")


# All of it


def received(*headers: tuple[bytes, bytes], head: bytes = b"") -> Exchange:
    w = Wired(http("GET", "/x", *headers))
    w.on(Wire.REQUEST, 50, 1, head=head)
    return w.exchange(1)


def test_names_in_the_case_in_which_they_came() -> None:
    usual = b"Host: 127.0.0.1:8000\r\nUser-Agent: curl/8.5.0\r\nACCEPT: */*\r\n"
    text = shown(request_fields(received(head=b"GET /x HTTP/1.1\r\n" + usual + b"\r\n")))
    assert "Host 127.0.0.1:8000" in text
    assert any(line.startswith("ACCEPT") for line in text)
    other = shown(request_fields(received(head=b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")))
    assert "host 127.0.0.1:8000" in other
    assert "changed host: a → 127.0.0.1:8000" in other


def test_what_a_header_is_for() -> None:
    assert len(NOTES) > 150
    assert note("ETag").endswith("(RFC 9110)")
    assert note("x-nobody-knows") == ""
    assert all(words and len(words) < 75 for words, _ in NOTES.values())


def test_more_headers_than_anybody_reads() -> None:
    exchange = http("GET", "/x", *[(b"a", b"1")] * 3_000).exchange(1)
    assert any(field.value == "1,003 more are not shown" for field in request_fields(exchange))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_requests(text: str) -> None:
    evil = text.encode("utf-8", "replace")
    script = http(
        "GET", "/x", (b"cookie", evil), (evil, evil), (b"authorization", b"Bearer " + evil)
    )
    scope = script.events[0].content() | {"path": evil.decode(), "query_string": evil,
                                          "raw_path": evil, "root_path": evil.decode()}  # fmt: skip
    script.events[0] = replace(script.events[0], payload=encode(scope))
    w = Wired(script)
    w.on(Wire.REQUEST, 50, 1, head=b"GET " + evil + b" HTTP/1.1\r\n" + evil + b": x\r\n\r\n")
    for width in (20, 80, 200):
        shown(request_fields(w.exchange(1)), width)


def test_which_of_several_processes_it_was() -> None:
    exchange = http("GET", "/tea").exchange(1)
    assert "Process" not in shown(request_fields(exchange))
    process = replace(exchange.process, worker=2, pid=4712, server="uvicorn 0.38.0")
    lines = shown(request_fields(replace(exchange, process=process)))
    at = lines.index("Process")
    assert lines[at + 1 : at + 3] == ["worker 2", "pid 4712"]
    assert lines[at + 4] == "server uvicorn 0.38.0"
