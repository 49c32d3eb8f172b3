"""The opening handshake by the text of RFC 6455 section 4.2."""

from typing import Any

import pytest

from asgitrace.server import AsgiProtocolError
from asgitrace.server.handshake import (
    Handshake,
    accept_token,
    handshake_refusal,
    wants_websocket,
)
from asgitrace.server.scope import RequestHead

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="


def head(
    *more: tuple[bytes, bytes],
    method: str = "GET",
    version: str = "1.1",
    upgrade: bytes | None = b"websocket",
    connection: bytes | None = b"Upgrade",
    key: bytes | None = KEY,
    number: bytes | None = b"13",
) -> RequestHead:
    named = {
        b"upgrade": upgrade,
        b"connection": connection,
        b"sec-websocket-key": key,
        b"sec-websocket-version": number,
    }
    headers = [
        (b"host", b"a"),
        *[(name, value) for name, value in named.items() if value is not None],
    ]
    headers += more
    return RequestHead(method, version, b"/", b"", headers, dict(headers))  # fmt: skip


def status(*more: tuple[bytes, bytes], **changed: Any) -> int | None:
    refused = handshake_refusal(head(*more, **changed))
    return None if refused is None else refused.status


# Section 4.2.1: what the client must send.


@pytest.mark.parametrize(
    "upgrade", [b"websocket", b"WebSocket", b"h2c, WEBSOCKET", b"a ,\twebsocket"]
)
@pytest.mark.parametrize("connection", [b"Upgrade", b"upgrade", b"keep-alive, UPGRADE"])
def test_upgrade_and_connection_are_lists_in_any_case(upgrade: bytes, connection: bytes) -> None:
    request = head(upgrade=upgrade, connection=connection)
    assert wants_websocket(request)
    assert handshake_refusal(request) is None


def test_upgrade_and_connection_in_several_lines() -> None:
    assert wants_websocket(
        head((b"connection", b"keep-alive"), (b"upgrade", b"x"), upgrade=b"websocket")
    )


@pytest.mark.parametrize(
    "changed",
    [{"upgrade": None}, {"upgrade": b"h2c"}, {"connection": None}, {"connection": b"keep-alive"}],
)
def test_without_upgrade_it_is_another_request(changed: dict[str, Any]) -> None:
    assert not wants_websocket(head(**changed))


def test_an_old_client_has_no_upgrade() -> None:
    assert not wants_websocket(head(version="1.0"))


def test_method() -> None:
    assert status(method="POST") == 400


@pytest.mark.parametrize("number", [None, b"", b"8", b"14", b"013", b"13, 8"])
def test_other_versions_are_426(number: bytes | None) -> None:
    assert status(number=number) == 426


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"",
        b"c2hvcnQ=",
        b"!" * 24,
        KEY[:-1],
        KEY + b"=",
        b"A" * 24,
        b"A" * 32,
        KEY + b", " + KEY,
    ],
)
def test_an_invalid_key_is_400(key: bytes | None) -> None:
    assert status(key=key) == 400


@pytest.mark.parametrize("again", [(b"sec-websocket-key", KEY), (b"sec-websocket-version", b"13")])
def test_key_and_version_only_once(again: tuple[bytes, bytes]) -> None:
    assert status(again) == 400


def test_a_body_is_400() -> None:
    assert status((b"content-length", b"1")) == 400
    assert status((b"transfer-encoding", b"chunked")) == 400
    assert status((b"content-length", b"0")) is None


def test_malformed_extensions_are_400() -> None:
    assert status((b"sec-websocket-extensions", b"permessage-deflate;")) == 400
    assert status((b"sec-websocket-extensions", b"unknown; x=1")) is None


# Section 4.2.2: what the server answers.


def test_the_accept_token_of_the_rfc() -> None:
    assert accept_token(KEY) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_the_answer() -> None:
    headers, agreed = Handshake.of(head()).accept(None, ())
    assert headers == [
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-accept", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ]
    assert agreed is None


def test_subprotocols_in_order_across_lines() -> None:
    handshake = Handshake.of(
        head((b"sec-websocket-protocol", b"b, a"), (b"sec-websocket-protocol", b"c,,d"))
    )
    assert handshake.subprotocols == ["b", "a", "c", "d"]
    headers, _ = handshake.accept("c", ())
    assert headers[-1] == (b"sec-websocket-protocol", b"c")


def test_extensions_across_lines() -> None:
    handshake = Handshake.of(
        head(
            (b"sec-websocket-extensions", b"permessage-deflate; server_max_window_bits=7"),
            (b"sec-websocket-extensions", b"permessage-deflate; server_max_window_bits=9"),
        )
    )
    headers, agreed = handshake.accept(None, ())
    assert headers[-1] == (
        b"sec-websocket-extensions",
        b"permessage-deflate; server_max_window_bits=9",
    )
    assert agreed is not None
    assert agreed.server_max_window_bits == 9


def test_the_apps_headers_come_last() -> None:
    headers, _ = Handshake.of(head()).accept(None, [[b"x-a", b"1"], (b"Set-Cookie", b"2")])
    assert headers[3:] == [(b"x-a", b"1"), (b"Set-Cookie", b"2")]


@pytest.mark.parametrize(
    ("subprotocol", "headers", "text"),
    [
        ("x", (), "accepted subprotocol 'x'; the client offered"),
        (b"a", (), "accepted subprotocol b'a'"),
        (None, 1, "must be pairs of bytes"),
        (None, [b"x"], "must be pairs of bytes"),
        (None, [("x", b"1")], "must be pairs of bytes"),
        (None, [(b"x", b"1", b"2")], "must be pairs of bytes"),
        (None, [(b"Sec-WebSocket-Protocol", b"a")], "must not set"),
        (None, [(b"content-length", b"0")], "must not set"),
    ],
)
def test_what_the_app_may_not_accept_with(subprotocol: Any, headers: Any, text: str) -> None:
    handshake = Handshake.of(head((b"sec-websocket-protocol", b"a")))
    with pytest.raises(AsgiProtocolError, match=text):
        handshake.accept(subprotocol, headers)
