"""The listening socket: bound in the parent process, inherited by the app's process."""

import contextlib
import errno
import os
import socket
import stat
from typing import Final

from asgitrace.errors import AddressError, OptionError
from asgitrace.server.config import ServerConfig

_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)
_REASONS = {
    errno.EADDRINUSE: "is already in use; stop what listens there or pass --port",
    errno.EACCES: "needs a privilege this user does not have; pass a --port above 1023",
    errno.EADDRNOTAVAIL: "is not an address of this machine; pass another --host",
}


def bind(config: ServerConfig) -> socket.socket:
    """Bind where the options say, or take over what is bound already; the socket does not listen
    until it is served. Raises AddressError and OptionError."""
    if config.fd is not None:
        if config.uds is not None:
            raise OptionError("--fd and --uds exclude each other; pass one of them.")
        return _inherit(config.fd)
    if config.uds is not None:
        return _bind_unix(config.uds)
    return _bind_tcp(config.host, config.port)


def describe(sock: socket.socket, tls: bool) -> str:
    """The address of a bound socket as the user would type it."""
    if sock.family == socket.AF_UNIX:
        return f"unix:{sock.getsockname()}"
    host, port = sock.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{_authority(host, port)}"


def release(sock: socket.socket, *, inherited: bool = False) -> None:
    """Close a bound socket and, for a Unix socket that was bound here, remove its file."""
    path = sock.getsockname() if sock.family == socket.AF_UNIX and not inherited else None
    sock.close()
    if path:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bind_tcp(host: str, port: int) -> socket.socket:
    where = _authority(host, port)
    if not 0 <= port <= 65535:
        raise AddressError(f"{where} is not an address; pass a --port up to 65535.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as exc:
        raise AddressError(f"{where} cannot be resolved ({exc}); pass another --host.") from exc
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        # Without it a restart fails while old connections linger in TIME_WAIT.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError as exc:
        sock.close()
        why = _REASONS.get(
            exc.errno or 0, f"cannot be listened on ({exc}); pass another --host or --port"
        )
        raise AddressError(f"{where} {why}.") from exc
    return sock


def _inherit(fd: int) -> socket.socket:
    """Take over a socket that whoever started this process has bound."""
    try:
        sock = socket.socket(fileno=fd)
    except OSError as exc:
        what = "is not open" if exc.errno == errno.EBADF else "is not a socket"
        raise AddressError(f"file descriptor {fd} {what}; pass another --fd.") from exc
    if trouble := _unusable(sock):
        # It stays open: it belongs to somebody else.
        sock.detach()
        raise AddressError(f"file descriptor {fd} is {trouble}; pass another --fd.")
    return sock


def _unusable(sock: socket.socket) -> str:
    """What a socket is that nobody can be let in by; empty if one can."""
    if sock.type != socket.SOCK_STREAM or sock.family not in _FAMILIES:
        return "not a TCP or Unix stream socket"
    try:
        sock.getpeername()
    except OSError:
        name = sock.getsockname()
        return "" if (name if sock.family == socket.AF_UNIX else name[1]) else "not bound"
    return "a connection, not a socket to listen on"


def _bind_unix(path: str) -> socket.socket:
    _remove_stale(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.bind(path)
    except OSError as exc:
        sock.close()
        raise AddressError(f"unix:{path} cannot be created ({exc}); pass another --uds.") from exc
    return sock


def _remove_stale(path: str) -> None:
    """Remove a socket file nobody listens on; whatever else lies there belongs to somebody."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISSOCK(mode):
        raise AddressError(f"unix:{path} exists and is not a socket; pass another --uds.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except OSError as exc:
            raise AddressError(
                f"unix:{path} cannot be probed ({exc}); pass another --uds."
            ) from exc
    raise AddressError(
        f"unix:{path} is already in use; stop what listens there or pass another --uds."
    )
