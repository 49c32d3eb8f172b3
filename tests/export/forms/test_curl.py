"""Command lines of curl, run by a shell against a server that takes down what arrives."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.export.forms.curl import FORM
from asgitrace.store.model import Exchange
from tests.export.forms.arriving import (
    AGENT,
    BODIES,
    HEADERS,
    Arrived,
    Server,
    arriving,
    comments,
    request,
    streamed,
)
from tests.tui.detail.samples import Script

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="there is no curl"
)


def run(exchange: Exchange, server: Server) -> Arrived:
    """What arrives when a shell is given the code."""
    code = FORM.write(exchange, server.address)
    assert code.replace("\n", "").isprintable()
    comments(code)
    result = subprocess.run(
        ["bash"],
        input=code.encode(),
        capture_output=True,
        timeout=30,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
    assert result.returncode == 0, (code, result.stderr)
    head = exchange.row.method == "HEAD"
    assert b"yes" in result.stdout or head, result
    return server.last()


def test_a_plain_get_is_one_line() -> None:
    code = FORM.write(request(headers=AGENT), "")
    assert code == (
        "curl http://127.0.0.1:8000/items \\\n  -H 'user-agent: shop/1' \\\n  -H 'accept: */*'\n"
    )


def test_nothing_is_added(server: Server) -> None:
    arrived = run(request("POST", body=b"a=1"), server)
    assert (arrived.method, arrived.target, arrived.body) == (b"POST", b"/items", b"a=1")
    assert arrived.own() == []


def test_headers_arrive_as_they_were(server: Server) -> None:
    arrived = run(request("PATCH", b"/x?a=[1]&b={2}", HEADERS, b"{}"), server)
    assert arrived.method == b"PATCH"
    assert arrived.target == b"/x?a=[1]&b={2}"
    assert arrived.own() == sorted(HEADERS, key=lambda pair: pair[0])


def test_what_belongs_to_the_connection_is_left_out(server: Server) -> None:
    hop = [
        (b"connection", b"keep-alive, x-hop"),
        (b"x-hop", b"1"),
        (b"keep-alive", b"5"),
        (b"transfer-encoding", b"chunked"),
        (b"te", b"trailers"),
        (b"expect", b"100-continue"),
        (b"upgrade", b"h2c"),
    ]
    assert run(request("PUT", b"/", [*AGENT, *hop], b"x"), server).own() == sorted(AGENT)


def test_another_host_is_kept(server: Server) -> None:
    exchange = request()
    arrived = run(exchange, server)
    assert (b"Host", b"127.0.0.1:8000") in arrived.headers or (
        b"host",
        b"127.0.0.1:8000",
    ) in arrived.headers
    assert len([name for name, _ in arrived.headers if name.lower() == b"host"]) == 1


def test_what_no_client_can_send_is_left_out_and_said(server: Server) -> None:
    headers = [*AGENT, (b"bad name", b"1"), (b"@/etc/passwd", b"1"), (b"x", b"a\r\nb: c")]
    exchange = request(headers=headers)
    assert run(exchange, server).own() == sorted(AGENT)
    assert comments(FORM.write(exchange, "")) == ["Left out: 3 headers that no client can send."]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_arrive_as_they_were(server: Server, body: bytes) -> None:
    arrived = run(request("POST", headers=AGENT, body=body), server)
    assert arrived.body == body
    assert arrived.own() == sorted(AGENT)


@pytest.mark.parametrize(
    "target",
    [
        b"/a/../b/./c",
        b"/%zz",
        b"/a#b",
        b'/"<>|^`{}',
        "/caf\u00e9?q=\u8336".encode(),
        b"*",
        b"/\xff",
    ],
)
def test_targets_arrive_as_they_were(server: Server, target: bytes) -> None:
    assert run(request("OPTIONS", target), server).target == target


def test_head(server: Server) -> None:
    assert run(request("HEAD", headers=AGENT), server).method == b"HEAD"


def test_a_unix_socket(tmp_path: Path) -> None:
    with arriving(str(tmp_path / "it's.sock")) as server:
        assert run(request(headers=AGENT), server).own() == sorted(AGENT)


@settings(max_examples=25, deadline=None)
@given(
    method=st.from_regex(r"[A-Z!#$%&'*+.^_`|~-]{1,8}", fullmatch=True).filter(
        lambda found: found not in ("HEAD", "CONNECT")
    ),
    value=st.binary(min_size=1).filter(lambda found: not set(found) & {0, 10, 13, 32, 9}),
    body=st.none() | st.binary(max_size=400),
)
def test_whatever_is_hostile(server: Server, method: str, value: bytes, body: bytes | None) -> None:
    arrived = run(request(method, b"/", [*AGENT, (b"x-value", value)], body), server)
    assert arrived.method == method.encode()
    assert (b"x-value", value) in arrived.own()
    assert arrived.body == (body or b"")


def test_options_for_what_is_special() -> None:
    code = FORM.write(
        streamed(request(headers=[(b"accept-encoding", b"gzip")], http_version="2")),
        "https://[::1]:8443",
    )
    assert code.startswith(
        "# With a certificate of your own: add --cacert FILE, or --insecure.\n"
        "curl --http2-prior-knowledge --no-buffer --compressed --globoff --path-as-is "
        "'https://[::1]:8443/items' \\\n"
    )
    assert "--max-time" in FORM.write(request("HEAD", body=b"x"), "")


def test_what_is_missing_is_said() -> None:
    script = Script(type="http", method="POST", path="/up", headers=[[b"content-length", b"9000"]])
    script.receive("http.request", body=b"abc", more_body=True).change(size=500)
    cut = script.exchange(1, missed=3)
    assert comments(FORM.write(cut, "")) == [
        "Parts may be missing: 3 events no longer there.",
        "The body is cut: 3 of 500 bytes were recorded.",
    ]
    script = Script(type="http", method="POST", path="/up", headers=[[b"content-length", b"9000"]])
    assert comments(FORM.write(script.exchange(1), "")) == [
        "The app received 0 of 9,000 bytes of the body."
    ]
    script = Script(type="http", method="POST", path="/up", root_path="/api", headers=[])
    script.receive("http.request", body=b"abc", more_body=True)
    assert comments(FORM.write(script.exchange(1), "")) == [
        "The app did not receive the end of the body after 3 bytes.",
        "The path has root-path in it: take it out where the server adds it.",
    ]


def test_it_is_for_requests_only() -> None:
    session = Script(type="websocket", path="/ws").exchange(1)
    assert FORM.refuses(session) == "for HTTP requests only"
    refused = replace(request(), events=())
    assert "scope was not recorded" in FORM.refuses(refused)
    assert FORM.refuses(request()) == ""
