"""What there is to tell of a connection when it opens and when it closes, as `Wire` has it."""

import asyncio
import ssl
from typing import Any


def opening(transport: asyncio.BaseTransport) -> dict[str, Any]:
    """The content of `Wire.OPENED`."""
    facts: dict[str, Any] = {
        "peer": address(transport.get_extra_info("peername")),
        "local": address(transport.get_extra_info("sockname")),
    }
    channel = transport.get_extra_info("ssl_object")
    if isinstance(channel, ssl.SSLObject | ssl.SSLSocket):
        cipher = channel.cipher()
        facts["tls"] = {
            "version": channel.version(),
            "cipher": cipher[0] if cipher is not None else None,
            "alpn": channel.selected_alpn_protocol(),
        }
    return facts


def address(name: object) -> str:
    """A socket's name as text: host and port, a path, or nothing where it has no name."""
    if isinstance(name, tuple):
        host, port = name[0], name[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return name if isinstance(name, str) else ""


class Ending:
    """Why a connection ends: what came first of all that can end it."""

    __slots__ = ("by", "how")

    def __init__(self) -> None:
        self.by = ""
        self.how = ""

    def is_due(self, by: str, how: str) -> None:
        """Note a reason, unless there is an earlier one."""
        if not self.by:
            self.by, self.how = by, how

    def closing(
        self, exc: Exception | None, *, received: int, sent: int, requests: int
    ) -> dict[str, Any]:
        """The content of `Wire.CLOSED`."""
        if exc is not None and self.by != "server":
            self.by, self.how = "client", "reset"
        facts = {
            "by": self.by or "client",
            "how": self.how or "eof",
            "received": received,
            "sent": sent,
            "requests": requests,
        }
        return facts if exc is None else {**facts, "text": str(exc)}
