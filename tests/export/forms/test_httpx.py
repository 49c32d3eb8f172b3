"""Scripts that use httpx, run against a server that takes down what arrives."""

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asgitrace.export.forms.httpx import FORM, _visible
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


def run(exchange: Exchange, server: Server) -> Arrived:
    """What arrives when the script runs."""
    code = FORM.write(exchange, server.address)
    assert code.replace("\n", "").isprintable()
    assert max(map(len, code.splitlines())) <= 400
    comments(code)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "made", "exec"), {})
    assert out.getvalue() in ("200 OK\nyes\n", "200 OK\nyes", "200 OK\n\n")
    return server.last()


def test_a_plain_get() -> None:
    assert (
        FORM.write(request(headers=AGENT), "")
        == """\
import httpx

request = httpx.Request(
    'GET',
    'http://127.0.0.1:8000/items',
    headers=[
        ('user-agent', 'shop/1'),
        ('accept', '*/*'),
    ],
)

with httpx.Client(timeout=30) as client:
    response = client.send(request)
print(response.status_code, response.reason_phrase)
print(response.text)
"""
    )


def test_nothing_is_added(server: Server) -> None:
    arrived = run(request("POST", body=b"a=1"), server)
    assert (arrived.method, arrived.target, arrived.body) == (b"POST", b"/items", b"a=1")
    assert arrived.own() == []


def test_headers_arrive_as_they_were(server: Server) -> None:
    arrived = run(request("PATCH", b"/x?a=1", HEADERS, b"{}"), server)
    assert arrived.own() == sorted(HEADERS, key=lambda pair: pair[0])


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_arrive_as_they_were(server: Server, body: bytes) -> None:
    assert run(request("POST", headers=AGENT, body=body), server).body == body


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(target=st.binary(max_size=40).filter(lambda found: not set(found) & set(b"\r\n\0 ")))
def test_targets_arrive_as_they_were(server: Server, target: bytes) -> None:
    target = b"/" + target
    arrived = run(request("GET", target), server).target
    visible = all(0x21 <= byte <= 0x7E for byte in target)
    assert arrived == (target if visible else _visible(target)).removesuffix(b"?")
    assert ("percent-encoded" in FORM.write(request("GET", target), "")) is not visible


def test_a_stream(server: Server) -> None:
    exchange = streamed(request(headers=AGENT))
    assert "timeout=None" in FORM.write(exchange, "")
    assert run(exchange, server).own() == sorted(AGENT)


def test_a_unix_socket(tmp_path: Path) -> None:
    with arriving(str(tmp_path / "it's.sock")) as server:
        assert run(request(headers=AGENT), server).own() == sorted(AGENT)


def test_head(server: Server) -> None:
    assert run(request("HEAD"), server).method == b"HEAD"


def test_what_is_special_is_said() -> None:
    code = FORM.write(request(http_version="2"), "https://shop.test:8443")
    assert comments(code) == [
        "HTTP/2 needs: pip install httpx[http2]",
        "With a certificate of your own: verify=ssl.create_default_context(cafile=...)",
    ]
    assert "httpx.Client(http2=True, http1=False, timeout=30)" in code
