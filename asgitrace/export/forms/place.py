"""Where a request is sent: the address of the app, and the request target."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from asgitrace.events import Kind
from asgitrace.export.forms.quoting import percent_encoded
from asgitrace.store.model import Exchange
from asgitrace.wire import Wire

_UNIX: Final = "unix:"
_ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
"""Addresses to listen on that are none to connect to."""
_SECURE: Final = frozenset({"https", "wss"})
_PORTS: Final = {False: 80, True: 443}
_PATH_SAFE: Final = "/:@!$&'()*+,;=~"
_PLAIN: Final = re.compile(rb"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*+\Z")
_DOTS: Final = re.compile(rb"/\.{1,2}(?:[/?]|\Z)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the app listens."""

    secure: bool = False
    host: str = "127.0.0.1"
    port: int | None = None
    socket: str = ""
    """Path of a Unix socket, in place of host and port."""

    @property
    def authority(self) -> str:
        """Host and port as in a URL and in the Host header."""
        if self.socket:
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port is None or self.port == _PORTS[self.secure]
        return host if usual else f"{host}:{self.port}"

    def url(self, target: bytes, *, websocket: bool = False) -> str:
        """A URL that every client can read; where `is_plain` says so it is exact."""
        scheme = ("ws" if websocket else "http") + "s" * self.secure
        shown = percent_encoded(target)
        return f"{scheme}://{self.authority}{shown if shown.startswith('/') else '/'}"


def is_plain(target: bytes) -> bool:
    """Whether no client changes a target that is part of a URL."""
    return bool(_PLAIN.match(target)) and not _DOTS.search(target)


def place_of(address: str, scope: dict[Any, Any]) -> Place:
    """From an address, or else from what the scope says of the server, or else of the host."""
    if address.startswith(_UNIX):
        return Place(socket=address.removeprefix(_UNIX))
    if address.startswith(("http://", "https://")):
        parts = urlsplit(address)
        host = parts.hostname or ""
        return Place(parts.scheme == "https", _ANYWHERE.get(host, host), parts.port)
    secure = scope.get("scheme") in _SECURE
    match scope.get("server"):
        case [str() as host, int() as port] if _is_host(host):
            return Place(secure, _ANYWHERE.get(host, host), port)
        case [str() as path, None] if path.startswith("/") and path.isprintable():
            return Place(secure, socket=path)
    return Place(secure)


def _is_host(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_.:-]{0,255}", text))


def target_of(exchange: Exchange, scope: dict[Any, Any]) -> tuple[bytes, bool]:
    """The request target, and whether it is the one that was on the wire; else it is put together
    from the scope, where it has the mount point in it."""
    for event in exchange.wire:
        if event.wire is Wire.REQUEST:
            found = _from_head(event.content().get("head"))
            if found:
                return found, True
    path, raw = scope.get("path"), scope.get("raw_path")
    if isinstance(raw, bytes) and raw:
        target = raw.partition(b"?")[0]
    else:
        text = path if isinstance(path, str) else "/"
        target = quote(text.encode("utf-8", "surrogatepass"), safe=_PATH_SAFE).encode()
    query = scope.get("query_string")
    if isinstance(query, bytes) and query:
        target += b"?" + query
    return target or b"/", False


def _from_head(head: object) -> bytes:
    """The target in the first line of a request, without scheme and authority."""
    if not isinstance(head, bytes):
        return b""
    words = head.partition(b"\r\n")[0].split(b" ")
    if len(words) != 3:
        return b""
    target = words[1]
    if b"://" in target.partition(b"/")[0] + b"//" and not target.startswith(b"/"):
        rest = target.partition(b"://")[2]
        slash = rest.find(b"/")
        target = rest[slash:] if slash >= 0 else b"/"
    return target


def scope_of(exchange: Exchange) -> dict[Any, Any]:
    """The scope; empty where it was not recorded."""
    for event in exchange.events:
        if event.kind is Kind.SCOPE:
            found = event.content()
            return found if isinstance(found, dict) else {}
    return {}
