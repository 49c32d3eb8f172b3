"""The server's options as one immutable value."""

from dataclasses import dataclass
from typing import Literal

LifespanMode = Literal["auto", "on", "off"]


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Everything that can be set on the embedded server. Times are in seconds, sizes in bytes."""

    host: str = "127.0.0.1"
    port: int = 8000
    uds: str | None = None
    fd: int | None = None
    """An inherited socket to listen on, in place of host and port."""
    root_path: str = ""
    proxy_headers: bool = False
    forwarded_allow_ips: str = "127.0.0.1"
    ssl_keyfile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile_password: str | None = None
    ssl_ca_certs: str | None = None
    """Whose client certificates are asked for and verified."""
    ssl_cert_reqs: int = 0
    """Whether a client must have one: ssl.CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED."""
    ssl_ciphers: str | None = None
    lifespan: LifespanMode = "auto"
    ws_max_size: int = 16 * 1024 * 1024
    ws_ping_interval: float | None = 20.0
    ws_ping_timeout: float | None = 20.0
    timeout_request_head: float | None = 20.0
    """From the first byte of a request, or from a connection's opening, to the end of its head."""
    timeout_request_body: float | None = 60.0
    """Between two pieces of a request's body."""
    timeout_keep_alive: float = 5.0
    timeout_graceful_shutdown: float | None = 10.0
    backlog: int = 2048
