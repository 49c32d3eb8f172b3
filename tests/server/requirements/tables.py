"""All requirements, by RFC, in the order of the sections."""

from typing import Final

from tests.server.requirements import (
    http_chunks,
    http_connections,
    http_fields,
    http_framing,
    http_messages,
    http_semantics,
    http_targets,
    ws_closing,
    ws_deflate,
    ws_frames,
    ws_handshake,
)
from tests.server.requirements.model import Requirement

_MODULES = (
    http_messages,
    http_targets,
    http_framing,
    http_chunks,
    http_connections,
    http_fields,
    http_semantics,
    ws_handshake,
    ws_frames,
    ws_closing,
    ws_deflate,
)
TITLES: Final = {
    9112: "RFC 9112, HTTP/1.1",
    9110: "RFC 9110, HTTP semantics",
    6455: "RFC 6455, WebSocket",
    7692: "RFC 7692, compression of WebSocket messages",
}


def _place(entry: Requirement) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.section.split("."))


_ALL = [entry for module in _MODULES for entry in module.REQUIREMENTS]
TABLES: Final = {
    title: sorted((entry for entry in _ALL if entry.rfc == rfc), key=_place)
    for rfc, title in TITLES.items()
}
