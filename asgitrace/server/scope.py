"""From a parsed request and the facts of its connection to the ASGI scope. Pure."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote, unquote_to_bytes

import h11

from asgitrace.asgi import SPEC_VERSION
from asgitrace.server.defaults import Header

ASGI_VERSION: Final = "3.0"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who talks to whom on one connection."""

    secure: bool
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    tls: dict[str, Any] | None = None
    """The `tls` extension, for a connection that has TLS itself."""

    @classmethod
    def of(
        cls, secure: bool, peer: object, local: object, tls: dict[str, Any] | None = None
    ) -> Self:
        """From the names of the two sockets; a Unix client's has no address worth the name."""
        server = _internet(local) or ((local, None) if isinstance(local, str) else None)
        return cls(secure, _internet(peer), server, tls)


def _internet(name: object) -> tuple[str, int] | None:
    """IPv4 and IPv6 names both begin with host and port."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None


@dataclass(frozen=True, slots=True)
class Mount:
    """The ``root_path``, as text and as it would stand in a request target."""

    text: str
    raw: bytes

    @classmethod
    def at(cls, root_path: str) -> Self:
        """The mount point for the option ``root_path``."""
        text = root_path.rstrip("/")
        return cls(text, quote(text).encode("ascii"))


class RequestHead(NamedTuple):
    """A request line and its headers in the form that ASGI wants them.

    A named tuple, as one is made for each request: a frozen dataclass takes twice as long.
    """

    method: str
    http_version: str
    raw_path: bytes
    query_string: bytes
    headers: list[Header]
    fields: dict[bytes, bytes]
    """The last value of each header, for looking one up."""
    authority: bytes | None = None
    """Host and port of a target in absolute form."""

    @classmethod
    def of(cls, request: h11.Request) -> Self:
        """Read an h11 request."""
        headers = [(name.lower(), value) for name, value in request.headers.raw_items()]
        authority, raw_path, query_string = split_target(request.target)
        return cls(
            request.method.decode("ascii").upper(),
            # RFC 9110 section 2.5: a higher minor version is treated as the highest one known.
            "1.0" if request.http_version == b"1.0" else "1.1",
            raw_path,
            query_string,
            headers,
            dict(headers),
            authority,
        )

    def with_host(self) -> Self:
        """With the Host of a target in absolute form, which comes before the header's.

        RFC 9112 section 3.2.2; what the header says is not looked at.
        """
        if self.authority is None:
            return self
        headers = [pair for pair in self.headers if pair[0] != b"host"]
        headers.insert(0, (b"host", self.authority))
        return self._replace(headers=headers, fields=dict(headers))


def split_target(target: bytes) -> tuple[bytes | None, bytes, bytes]:
    """Authority, path and query of a request target (RFC 9112 section 3.2)."""
    path, _, query = target.partition(b"?")
    if path[:1] != b"/" and b"://" in path:
        authority, slash, path = path.partition(b"://")[2].partition(b"/")
        return authority, b"/" + path if slash else b"/", query
    return None, path, query


def decode_path(raw_path: bytes) -> str:
    """Undo percent-encoding and UTF-8; what is not UTF-8 becomes U+FFFD."""
    if b"%" in raw_path:
        raw_path = unquote_to_bytes(raw_path)
    return raw_path.decode("utf-8", "replace")


def http_scope(
    head: RequestHead, endpoint: Endpoint, mount: Mount, state: dict[str, Any] | None
) -> dict[str, Any]:
    """The scope of one HTTP request (ASGI HTTP 2.5, "HTTP Connection Scope")."""
    scope = _common(head, endpoint, mount, state)
    scope["type"] = "http"
    scope["method"] = head.method
    scope["scheme"] = "https" if endpoint.secure else "http"
    extensions: dict[str, Any] = {
        "http.response.debug": {},
        "http.response.pathsend": {},
        "http.response.zerocopysend": {},
    }
    if head.http_version != "1.0":
        # RFC 9110 section 15.2 and RFC 9112 section 6: older clients know neither.
        extensions["http.response.early_hint"] = {}
        extensions["http.response.trailers"] = {}
    if endpoint.tls is not None:
        extensions["tls"] = endpoint.tls.copy()
    scope["extensions"] = extensions
    return scope


def websocket_scope(
    head: RequestHead,
    endpoint: Endpoint,
    mount: Mount,
    state: dict[str, Any] | None,
    subprotocols: list[str],
) -> dict[str, Any]:
    """The scope of one WebSocket session (ASGI WebSocket 2.5, "WebSocket Connection Scope")."""
    scope = _common(head, endpoint, mount, state)
    scope["type"] = "websocket"
    scope["scheme"] = "wss" if endpoint.secure else "ws"
    scope["subprotocols"] = subprotocols
    extensions: dict[str, Any] = {"websocket.http.response": {}}
    if endpoint.tls is not None:
        extensions["tls"] = endpoint.tls.copy()
    scope["extensions"] = extensions
    return scope


def _common(
    head: RequestHead, endpoint: Endpoint, mount: Mount, state: dict[str, Any] | None
) -> dict[str, Any]:
    raw_path = head.raw_path
    if mount.raw and raw_path != b"*":
        # The specification wants the whole path in `path`, also behind a proxy that strips the
        # mount point; `raw_path` gets it too, so that one stays the decoding of the other.
        raw_path = mount.raw + raw_path
    scope: dict[str, Any] = {
        "type": "",
        "asgi": {"version": ASGI_VERSION, "spec_version": SPEC_VERSION},
        "http_version": head.http_version,
        "server": endpoint.server,
        "client": endpoint.client,
        "scheme": "",
        "root_path": mount.text,
        "path": decode_path(raw_path),
        "raw_path": raw_path,
        "query_string": head.query_string,
        "headers": head.headers,
    }
    if state is not None:
        scope["state"] = state.copy()
    return scope
