"""nginx in front: kept connections, buffering on and off, upgrades, forwarded headers."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from websockets.sync.client import connect

from tests.conformance.apps.playground import app
from tests.conformance.conftest import LIMIT, program, running
from tests.e2e.conftest import eventually, free_port
from tests.server.requirements.bench import bench
from tests.wire_log import KeptLog

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_max_body_size 0;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream app {{ server {upstream}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
        location / {{ proxy_pass http://app; }}
        location /direct/ {{
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_pass http://app/;
        }}
        location /old/ {{
            proxy_http_version 1.0;
            proxy_set_header Connection "";
            proxy_pass http://app/;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Front:
    """The proxy, and how to look at what is behind it."""

    port: int
    log: KeptLog

    def url(self, path: str, scheme: str = "http") -> str:
        """A URL at the proxy."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@pytest.fixture(scope="module", params=["tcp", "unix"])
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    nginx = program("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    options = {"uds": str(folder / "app")} if request.param == "unix" else {}
    log = KeptLog()
    with bench(app, proxy_headers=True, forwarded_allow_ips="*", wire=log, **options) as served:
        if request.param == "unix":
            upstream = f"unix:{folder}/app"
        else:
            upstream = f"127.0.0.1:{served.address[1]}"
        port = free_port()
        (folder / "nginx.conf").write_text(
            CONFIGURATION.format(folder=folder, upstream=upstream, port=port)
        )
        command = [nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"]
        with running(command, folder / "log"):
            eventually(lambda: _listens(port), f"nginx: {(folder / 'log').read_text()}")
            yield Front(port, log)
        errors = (folder / "error.log").read_text()
        assert "upstream" not in errors, errors


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_forwarded(front: Front) -> None:
    told = httpx.get(front.url("/seen"), headers={"X-Forwarded-For": "192.0.2.7"}).json()

    assert told["scheme"] == "https"
    # The last hop that is not trusted; all are, so the first.
    assert told["client"][0] == "192.0.2.7"
    assert ["host", f"127.0.0.1:{front.port}"] in told["headers"]


def test_connections_are_kept(front: Front) -> None:
    before = len(front.log.connections)
    with httpx.Client() as client:
        for _ in range(20):
            assert client.get(front.url("/direct/seen")).status_code == 200

    assert len(front.log.connections) - before <= 1


@pytest.mark.parametrize("where", ["", "/direct", "/old"])
def test_both_ways(front: Front, where: str) -> None:
    with httpx.Client(timeout=LIMIT) as client:
        for size in (0, 1, 1000, 3_000_000):
            reply = client.post(front.url(f"{where}/echo"), content=b"x" * size)
            assert (reply.status_code, len(reply.content)) == (200, size)


@pytest.mark.parametrize("where", ["", "/direct", "/old"])
def test_streams(front: Front, where: str) -> None:
    text = httpx.get(front.url(f"{where}/stream"), timeout=LIMIT).text

    assert text == "".join(f"piece {number}\n" for number in range(10))


def test_events_come_at_once_without_buffering(front: Front) -> None:
    with httpx.stream("GET", front.url("/direct/events"), timeout=LIMIT) as stream:
        lines = stream.iter_lines()
        assert [next(lines) for _ in range(3)] == ["id: 0", "data: event 0", ""]


@pytest.mark.parametrize("status", [204, 304, 404])
def test_statuses(front: Front, status: int) -> None:
    with httpx.Client() as client:
        codes = [client.get(front.url(f"/status/{status}")).status_code for _ in range(3)]

    assert codes == [status] * 3


def test_an_upload_that_is_not_read(front: Front) -> None:
    with httpx.Client(timeout=LIMIT) as client:
        reply = client.post(front.url("/unread"), content=b"x" * 3_000_000)
        assert reply.status_code == 413
        assert client.get(front.url("/status/200")).status_code == 200


@pytest.mark.parametrize("where", ["", "/direct"])
def test_websocket(front: Front, where: str) -> None:
    with connect(front.url(f"{where}/ws", "ws"), max_size=None) as client:
        for message in ("text", b"\x00" * 500_000, "\u20ac" * 10_000):
            client.send(message)
            assert client.recv(timeout=LIMIT) == message
        client.close(3000, "bye")
        assert client.close_code == 3000
