"""What h11 leaves to the server to refuse, as one pure check. See RFC 9110 and 9112."""

import re
from typing import Final

import h11

from asgitrace.server.head import Refusal
from asgitrace.server.scope import RequestHead

# RFC 3986 section 3.2.2 without the full grammar of IPv6: nothing else can occur in a host.
# The comma that it allows in names is left out: two hosts in one header would pass for one.
_LITERAL: Final = rb"\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+;=:-]+)\]"
_HOST: Final = re.compile(rb"(" + _LITERAL + rb"|[A-Za-z0-9._~!$&'()*+;=%-]*)(?::[0-9]*)?")
_MAX_METHOD: Final = 64
_NOT_FOR_APPS: Final = {
    # RFC 9110 section 9.3.6: a 2xx from the app would switch the protocol.
    "CONNECT": Refusal(501, "CONNECT is for proxies"),
    # Section 9.3.8: the server's to answer, with the request itself, which may hold secrets.
    "TRACE": Refusal(501, "TRACE is not spoken here"),
}
_SCHEMES: Final = (b"http://", b"https://")


def refusal(request: h11.Request, head: RequestHead) -> Refusal | None:
    """Why this request must not reach the app, if there is a reason."""
    if request.http_version[:1] != b"1":
        return Refusal(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    return (
        _method_refusal(request.method, head.method)
        or _target_refusal(request.target, head)
        or _host_refusal(head)
        or _field_refusal(head)
    )


def _method_refusal(method: bytes, name: str) -> Refusal | None:
    if not method.isupper() or len(method) > _MAX_METHOD:
        # RFC 9110 section 9.1: case-sensitive; ASGI has them in upper case only, and "get" is
        # another method than GET.
        return Refusal(501, "the method is not known")
    return _NOT_FOR_APPS.get(name)


def _target_refusal(target: bytes, head: RequestHead) -> Refusal | None:
    if target[:1] != b"/":
        if head.authority is None:
            if target != b"*" or head.method != "OPTIONS":
                return Refusal(400, "the request target is neither a path nor a URL")
        elif not target.lower().startswith(_SCHEMES):
            return Refusal(400, "the request target is a URL of another scheme")
        elif not _is_host(head.authority):
            return Refusal(400, "the request target has no well-formed host")
    if b"#" in target:
        return Refusal(400, "the request target has a fragment")
    if b"%00" in head.raw_path:
        return Refusal(400, "the path has an encoded NUL")
    return None


def _host_refusal(head: RequestHead) -> Refusal | None:
    host = head.fields.get(b"host")
    if host is None:
        # In HTTP/1.0; h11 refuses an HTTP/1.1 request without one.
        return None
    # RFC 9110 section 4.2.1: a URL without a host is invalid, and a path's URL has it from here.
    if _is_host(host) or (host == b"" and (head.authority is not None or head.raw_path == b"*")):
        return None
    return Refusal(400, "the Host header is malformed")


def _is_host(host: bytes) -> bool:
    found = _HOST.fullmatch(host)
    return found is not None and found[1] != b""


def _field_refusal(head: RequestHead) -> Refusal | None:
    fields = head.fields
    if b"content_length" in fields or b"transfer_encoding" in fields:
        # What hands headers on as CGI variables reads them as the headers they are not.
        return Refusal(400, "a header that looks like one of framing")
    expected = fields.get(b"expect")
    if expected is None or expected.lower() == b"100-continue" or head.http_version == "1.0":
        return None
    return Refusal(417, "the client expects what is not known here")
