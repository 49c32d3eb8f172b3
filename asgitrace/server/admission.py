"""What h11 leaves to the server to refuse, as one pure check. See RFC 9110 and 9112."""

import re
from dataclasses import dataclass
from typing import Final

import h11

from asgitrace.server.scope import RequestHead

# RFC 3986 section 3.2.2 without the full grammar of IP literals: nothing else can occur in a host.
_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-fv:.%~_-]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The status a request is refused with, and why."""

    status: int
    reason: str


def refusal(request: h11.Request, head: RequestHead) -> Refusal | None:
    """Why this request must not reach the app, if there is a reason."""
    if not request.http_version.startswith(b"1."):
        return Refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    if head.method == "CONNECT":
        # RFC 9110 section 9.3.6: for proxies; a 2xx from the app would switch the protocol.
        return Refusal(501, "CONNECT is for proxies")
    if head.raw_path[:1] != b"/" and not (head.raw_path == b"*" and head.method == "OPTIONS"):
        return Refusal(400, "the request target is neither a path nor a URL")
    if b"#" in request.target:
        return Refusal(400, "the request target has a fragment")
    if not _HOST.fullmatch(head.fields.get(b"host", b"")):
        return Refusal(400, "the Host header is malformed")
    return None


def must_close(head: RequestHead) -> bool:
    """Whether the connection must not be used again after this request.

    RFC 9112 section 6.1: a request with both framing headers may be an attempt at smuggling.
    """
    return b"transfer-encoding" in head.fields and b"content-length" in head.fields
