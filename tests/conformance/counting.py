"""A client's socket that counts, and what it is sent read by others' machines."""

import socket

import h11

from tests.server.requirements.bench import LIMIT


class Counting:
    """A socket that keeps what went through it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.sock = socket.create_connection(address, LIMIT)
        self.sent = bytearray()
        self.received = bytearray()

    def send(self, data: bytes) -> None:
        self.sent += data
        self.sock.sendall(data)

    def receive(self) -> bytes:
        data = self.sock.recv(65536)
        self.received += data
        return data

    def close(self) -> None:
        self.sock.close()


def h11_reply(client: Counting, method: str = "GET") -> tuple[bytes, bytes]:
    """One response as h11's client side reads it: its head as it came, and its content."""
    machine = h11.Connection(h11.CLIENT)
    machine.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    machine.send(h11.EndOfMessage())
    came = b""
    body = b""
    while not isinstance(event := machine.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            piece = client.receive()
            came += piece
            machine.receive_data(piece)
        elif isinstance(event, h11.Data):
            body += event.data
    return came[: came.index(b"\r\n\r\n") + 4], body


def parse_frames(data: bytes) -> list[tuple[int, bool, bool, int]]:
    """The same, of bytes as they went."""
    found = []
    at = 0
    while at < len(data):
        first, second = data[at], data[at + 1]
        size, at = second & 127, at + 2
        if size > 125:
            width = 2 if size == 126 else 8
            size = int.from_bytes(data[at : at + width])
            at += width
        at += size + (4 if second & 128 else 0)
        found.append((first & 15, bool(first & 128), bool(first & 64), size))
    assert at == len(data)
    return found
