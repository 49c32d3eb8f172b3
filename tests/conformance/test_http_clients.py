"""httpx, aiohttp and h11's client side."""

import socket

import aiohttp
import h11
import httpx
import pytest

from tests.conformance.conftest import LIMIT, Site

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_httpx_keeps_its_connection(site: Site) -> None:
    with httpx.Client(base_url=site.url(), timeout=LIMIT) as client:
        for number in range(20):
            reply = client.post(f"/seen?{number}", content=b"x" * number)
            assert reply.json()["length"] == number
            assert reply.json()["query"] == str(number)


def test_httpx_streams_both_ways(site: Site) -> None:
    pieces = (b"piece %d " % number for number in range(1000))

    with httpx.Client(timeout=LIMIT) as client:
        reply = client.post(site.url("/echo"), content=pieces)
        with client.stream("GET", site.url("/stream")) as stream:
            lines = list(stream.iter_lines())

    assert reply.content == b"".join(b"piece %d " % number for number in range(1000))
    assert lines == [f"piece {number}" for number in range(10)]


def test_httpx_leaves_a_stream_early(site: Site) -> None:
    with httpx.Client(timeout=LIMIT) as client:
        with client.stream("GET", site.url("/events")) as stream:
            assert next(stream.iter_lines()) == "id: 0"
        assert client.get(site.url("/echo")).status_code == 200


def test_httpx_gets_an_early_answer(site: Site) -> None:
    reply = httpx.post(site.url("/unread"), content=b"x" * 5_000_000, timeout=LIMIT)

    assert (reply.status_code, reply.text) == (413, "too much")


async def test_aiohttp(site: Site) -> None:
    async def pieces() -> object:
        for number in range(100):
            yield b"piece %d " % number

    async with aiohttp.ClientSession(site.url()) as session:
        async with session.get("/seen", params={"a": "b c"}) as reply:
            assert (await reply.json())["query"] == "a=b+c"
        async with session.post("/seen", data=pieces()) as reply:
            assert (await reply.json())["length"] == 890
        async with session.post("/echo", data=b"x" * 100_000, expect100=True) as reply:
            assert await reply.read() == b"x" * 100_000
        async with session.get("/stream") as reply:
            assert [line async for line in reply.content] == [b"piece %d\n" % n for n in range(10)]
        async with session.head("/big") as reply:
            assert (await reply.read(), reply.headers["content-length"]) == (b"", "4194304")
        async with session.get("/big") as reply:
            assert len(await reply.read()) == 4_194_304


def test_h11_over_one_connection(site: Site) -> None:
    machine = h11.Connection(h11.CLIENT)
    with socket.create_connection(("127.0.0.1", site.port), LIMIT) as sock:
        for target, method, status in [
            ("/echo", "POST", 200), ("/stream", "GET", 200), ("/status/204", "GET", 204),
            ("/status/304", "GET", 304), ("/big", "HEAD", 200), ("/echo", "POST", 200),
        ]:  # fmt: skip
            got, body = h11_exchange(machine, sock, method, target)
            assert got == status
            assert body == (b"hello" if method == "POST" else body)
            machine.start_next_cycle()


def h11_exchange(
    machine: h11.Connection, sock: socket.socket, method: str, target: str
) -> tuple[int, bytes]:
    headers = [("host", "example.com")]
    if method == "POST":
        headers.append(("transfer-encoding", "chunked"))
    sock.sendall(machine.send(h11.Request(method=method, target=target, headers=headers)) or b"")
    if method == "POST":
        sock.sendall(machine.send(h11.Data(data=b"hello")) or b"")
    sock.sendall(machine.send(h11.EndOfMessage()) or b"")
    status, body = 0, b""
    while True:
        event = machine.next_event()
        if event is h11.NEED_DATA:
            machine.receive_data(sock.recv(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, body
