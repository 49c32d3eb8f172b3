"""Extensions of the specification, from a framework's response to the bytes a client gets."""

import socket
import ssl
from pathlib import Path
from typing import Any

import h11
import httpx
import pytest
import trustme

from tests.e2e.conftest import APPS, PATIENCE, Record

SOURCE = (APPS / "extensions_app.py").read_bytes()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_file_of_starlettes_is_sent_by_its_path(record: Record, loop: str) -> None:
    recording = record("extensions_app:app", "--loop", loop)
    reply = httpx.get(recording.address + "/file", timeout=PATIENCE)
    assert reply.content == SOURCE
    assert reply.headers["content-length"] == str(len(SOURCE))
    assert httpx.head(recording.address + "/file", timeout=PATIENCE).content == b""
    get, head = recording.finished().exchanges("/file")
    assert "http.response.pathsend" in get.story
    assert "http.response.pathsend" not in head.story


def test_hints_files_and_trailers(record: Record) -> None:
    recording = record("extensions_app:app")
    client = h11.Connection(h11.CLIENT)
    headers = [("Host", "a"), ("TE", "trailers"), ("Connection", "close, te")]
    events: list[Any] = []
    with socket.create_connection(("127.0.0.1", recording.port), PATIENCE) as sock:
        sock.sendall(client.send(h11.Request(method="GET", target="/raw", headers=headers)))
        sock.sendall(client.send(h11.EndOfMessage()))
        while not events or type(events[-1]) is not h11.EndOfMessage:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(sock.recv(65536))
            else:
                events.append(event)
    hints, response, *parts, end = events
    assert isinstance(hints, h11.InformationalResponse)
    assert isinstance(response, h11.Response)
    assert (hints.status_code, list(hints.headers)) == (
        103,
        [(b"link", b"</a.css>; rel=preload")],
    )
    assert b"".join(bytes(part.data) for part in parts) == b"one " + SOURCE[:3]
    assert list(end.headers) == [(b"digest", b"none")]
    assert recording.finished().exchange("/raw").status == 200


def test_a_client_certificate(record: Record, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    recording = record(
        "extensions_app:app",
        *("--ssl-certfile", str(tmp_path / "server.pem")),
        *("--ssl-ca-certs", str(tmp_path / "ca.pem"), "--ssl-cert-reqs", "2"),
    )
    context = ssl.create_default_context()
    authority.configure_trust(context)
    authority.issue_cert("me.example", common_name="me").configure_cert(context)
    with httpx.Client(verify=context, timeout=PATIENCE) as client:
        assert client.get(recording.address + "/file").content == SOURCE
    told = recording.finished().exchange("/file").scope["extensions"]["tls"]
    assert told["client_cert_name"].startswith("CN=me,")
    assert told["tls_version"] == 0x0304
