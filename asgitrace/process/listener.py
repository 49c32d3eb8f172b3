"""The listening socket, which belongs to the parent and outlives the app's processes."""

import contextlib
import socket
from collections.abc import Iterator

from asgitrace.errors import AddressError
from asgitrace.server.config import ServerConfig
from asgitrace.server.sockets import bind, describe, release
from asgitrace.server.tls import load_tls


@contextlib.contextmanager
def listening(config: ServerConfig) -> Iterator[tuple[socket.socket, str]]:
    """Listen as the options say; gives the socket and its address as a user would type it.

    Raises AddressError and OptionError. Whoever connects before the app is up waits for it.
    """
    tls = load_tls(config) is not None
    listener = bind(config)
    address = describe(listener, tls)
    try:
        try:
            listener.listen(config.backlog)
        except OSError as error:
            raise AddressError(
                f"{address} is already in use; stop what listens there or pass "
                f"{'--port' if config.fd is None else 'another --fd'}."
            ) from error
        yield listener, address
    finally:
        release(listener, inherited=config.fd is not None)
