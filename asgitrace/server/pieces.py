"""Large parts of a body, written piece by piece as fast as the client takes them.

A transport keeps what it is given: a body of a gigabyte in one message would be there a second
time, and a file as a whole.
"""

import os
from typing import Final

from asgitrace.server.errors import AsgiProtocolError
from asgitrace.server.files import FilePart
from asgitrace.server.flow import Outlet

PIECE: Final = 256 * 1024
"""Bytes that are given to the transport at once."""


async def write_bytes(outlet: Outlet, data: bytes) -> None:
    """Write a body that is in memory. Raises `ClientDisconnected`."""
    view = memoryview(data)
    for at in range(0, len(view), PIECE):
        outlet.write(view[at : at + PIECE])
        await outlet.made_room()


async def write_file(outlet: Outlet, part: FilePart) -> None:
    """Write a span of a file, by sendfile(2) where the socket takes it.

    Not by the loop's own sendfile: uvloop has none, and asyncio's stops reading meanwhile, so that
    nobody would notice the client's going. Raises `ClientDisconnected`, `AsgiProtocolError` if the
    file got shorter since, and OSError.
    """
    at, end = part.offset, part.offset + part.size
    with outlet.unbuffered() as socket:
        while at < end:
            count = min(end - at, PIECE)
            sent = 0
            if socket is not None and outlet.empty:
                sent = _send(socket, part.fd, at, count)
                outlet.count(sent)
            if not sent:
                # The socket is full: what the transport is given tells when it is not any more.
                data = os.pread(part.fd, count, at)
                if not data:
                    raise AsgiProtocolError(f"the file ended {end - at} bytes early")
                outlet.write(data)
                sent = len(data)
            at += sent
            await outlet.made_room()


def _send(socket: int, fd: int, offset: int, count: int) -> int:
    """Bytes that the socket took from the file at once."""
    try:
        return os.sendfile(socket, fd, offset, count)
    except OSError:
        # Full, or broken, or not for this kind of file: then the transport is the one to say so.
        return 0
