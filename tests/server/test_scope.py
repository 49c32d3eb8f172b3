import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.server.scope import (
    Endpoint,
    Mount,
    RequestHead,
    decode_path,
    http_scope,
    split_target,
    websocket_scope,
)

PLAIN = Endpoint(False, ("10.0.0.1", 5), ("127.0.0.1", 8000))
SECURE = Endpoint(True, None, ("/run/app.sock", None))


def head(target: bytes, version: str = "1.1", method: str = "GET") -> RequestHead:
    return RequestHead.of(
        h11.Request(
            method=method,
            target=target,
            headers=[("Host", "a"), ("X-B", "1")],
            http_version=version,
        )
    )


def test_http_scope() -> None:
    scope = http_scope(head(b"/a%20b?x=%31"), PLAIN, Mount.at(""), {"k": 1})

    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("10.0.0.1", 5),
        "root_path": "",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=%31",
        "headers": [(b"host", b"a"), (b"x-b", b"1")],
        "state": {"k": 1},
        "extensions": {
            "http.response.debug": {},
            "http.response.early_hint": {},
            "http.response.pathsend": {},
            "http.response.trailers": {},
            "http.response.zerocopysend": {},
        },
    }


def test_websocket_scope() -> None:
    scope = websocket_scope(head(b"/"), SECURE, Mount.at(""), None, ["a"])

    assert scope["type"] == "websocket"
    assert scope["scheme"] == "wss"
    assert scope["subprotocols"] == ["a"]
    assert scope["extensions"] == {"websocket.http.response": {}}
    assert scope["client"] is None
    assert "state" not in scope
    assert "method" not in scope


def test_the_state_is_a_shallow_copy() -> None:
    inner: list[int] = []
    state = {"inner": inner}

    scope = http_scope(head(b"/"), PLAIN, Mount.at(""), state)

    assert scope["state"] is not state
    assert scope["state"]["inner"] is inner


@pytest.mark.parametrize(
    ("target", "path", "raw_path"),
    [
        (b"/users", "/api é/users", b"/api%20%C3%A9/users"),
        (b"*", "*", b"*"),
    ],
)
def test_the_path_includes_the_root_path(target: bytes, path: str, raw_path: bytes) -> None:
    scope = http_scope(head(target, method="OPTIONS"), PLAIN, Mount.at("/api é/"), None)

    assert scope["root_path"] == "/api é"
    assert scope["path"] == path
    assert scope["raw_path"] == raw_path


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (b"/", (None, b"/", b"")),
        (b"/a?b?c", (None, b"/a", b"b?c")),
        (b"http://host:1/a/b?c", (b"host:1", b"/a/b", b"c")),
        (b"http://host", (b"host", b"/", b"")),
        (b"http://host?q", (b"host", b"/", b"q")),
        (b"*", (None, b"*", b"")),
        (b"/http://x", (None, b"/http://x", b"")),
    ],
)
def test_targets(target: bytes, expected: tuple[bytes | None, bytes, bytes]) -> None:
    assert split_target(target) == expected


def test_the_host_of_a_url_comes_before_the_header() -> None:
    read = head(b"http://other:1/a")

    assert read.with_host().headers == [(b"host", b"other:1"), (b"x-b", b"1")]
    assert read.with_host().fields[b"host"] == b"other:1"
    assert head(b"/").with_host().fields[b"host"] == b"a"


@pytest.mark.parametrize(("version", "seen"), [("1.0", "1.0"), ("1.1", "1.1"), ("1.7", "1.1")])
def test_versions(version: str, seen: str) -> None:
    assert head(b"/", version).http_version == seen


def test_the_method_is_upper_case() -> None:
    assert head(b"/", method="get").method == "GET"


def test_what_is_not_utf8_is_replaced() -> None:
    assert decode_path(b"/%ff") == "/\ufffd"


def test_tls_is_told_to_each_as_its_own() -> None:
    facts = {"server_cert": None, "tls_version": 0x0304, "cipher_suite": 0x1301}
    endpoint = Endpoint(True, None, None, facts)
    scopes = [
        http_scope(head(b"/"), endpoint, Mount.at(""), None),
        websocket_scope(head(b"/"), endpoint, Mount.at(""), None, []),
    ]

    for scope in scopes:
        assert scope["extensions"]["tls"] == facts
        assert scope["extensions"]["tls"] is not facts


@given(st.text().filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_a_mount_point_is_the_decoding_of_its_raw_form(text: str) -> None:
    mount = Mount.at(text)

    assert decode_path(mount.raw) == mount.text
