"""Where and how the app is served: sockets, TLS, paths, factories, loops."""

import shutil
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.sync.client import connect, unix_connect

from tests.e2e.conftest import PATIENCE, Record, environment, is_open, rings

LOOP_APP = """
import asyncio

async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError
    loop = type(asyncio.get_running_loop()).__module__.encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": loop})

def make():
    return app

def broken():
    raise RuntimeError("this factory makes nothing")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a module of its own."""
    inside = tmp_path / "source tree"
    inside.mkdir()
    (inside / "loop_app.py").write_text(LOOP_APP)
    return inside


def test_a_unix_socket(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    recording = record("plain_app:app", "--uds", str(path))
    recording.said("recording ")
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), timeout=PATIENCE) as client:
        assert client.post("http://site/body", content=b"tea").content == b"tea"
    with unix_connect(str(path), "ws://site/echo") as echo:
        echo.send("over a socket")
        assert echo.recv(PATIENCE) == "over a socket"
    assert stat.S_ISSOCK(path.stat().st_mode)
    trace = recording.finished()
    assert not path.exists()
    assert trace.exchange("/body").scope["server"] == [str(path), None]
    assert trace.exchange("/echo").sent == ["over a socket"]


def test_curl_through_a_unix_socket(record: Record, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    path = tmp_path / "app.sock"
    recording = record("plain_app:app", "--uds", str(path))
    recording.said("recording ")
    result = subprocess.run(
        [curl, "--silent", "--unix-socket", str(path), "http://site/body", "--data", "tea"],
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert result.stdout == b"tea"
    assert recording.finished().exchange("/body").request_body == b"tea"


def test_tls(record: Record, tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    recording = record(
        "plain_app:app", "--ssl-certfile", str(certificate), "--ssl-keyfile", str(key)
    )
    assert recording.address.startswith("https://")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with httpx.Client(verify=context, timeout=PATIENCE) as client:
        assert client.get(recording.address + "/").status_code == 200
    with connect(f"{recording.websocket_address}/echo", ssl=context) as echo:
        echo.send(b"\x00sealed")
        assert echo.recv(PATIENCE) == b"\x00sealed"
    trace = recording.finished()
    assert trace.exchange("/").scope["scheme"] == "https"
    assert trace.exchange("/echo").scope["scheme"] == "wss"
    assert trace.exchange("/echo").heard == [b"\x00sealed"]


def test_root_path(record: Record) -> None:
    recording = record("fastapi_app:app", "--root-path", "/shop")
    assert httpx.get(recording.address + "/items/1", timeout=PATIENCE).status_code == 200
    page = httpx.get(recording.address + "/openapi.json", timeout=PATIENCE).json()
    assert page["servers"] == [{"url": "/shop"}]
    scopes = [one.scope for one in recording.finished().exchanges() if one.path]
    assert {scope["root_path"] for scope in scopes} == {"/shop"}


def test_a_factory_in_a_folder_with_a_space(record: Record, folder: Path) -> None:
    recording = record("loop_app:make", "--factory", "--loop", "asyncio", app_dir=folder)
    assert httpx.get(recording.address, timeout=PATIENCE).text == "asyncio.unix_events"
    trace = recording.finished()
    assert trace.of("process")[0]["target"] == "loop_app:make"
    assert trace.exchange("/").status == 200


def test_a_factory_that_raises(record: Record, folder: Path) -> None:
    recording = record("loop_app:broken", "--factory", app_dir=folder)
    assert recording.wait() == 1
    assert "in broken" in recording.stderr
    assert "loop_app:broken cannot be imported: RuntimeError: this factory" in recording.stderr


def test_uvloop(record: Record, folder: Path) -> None:
    pytest.importorskip("uvloop")
    recording = record("loop_app:app", "--loop", "uvloop", app_dir=folder)
    assert httpx.get(recording.address, timeout=PATIENCE).text.startswith("uvloop")
    assert recording.finished().exchange("/").status == 200


def test_lifespan_off_and_on(record: Record, folder: Path) -> None:
    recording = record("plain_app:app", "--lifespan", "off")
    httpx.get(recording.address, timeout=PATIENCE)
    assert recording.finished().lifespans == []
    demanding = record("loop_app:app", "--lifespan", "on", app_dir=folder)
    assert demanding.wait() == 1
    assert "lifespan" in demanding.stderr.splitlines()[-1]


def test_startup_that_fails(record: Record, tmp_path: Path) -> None:
    recording = record("failing_startup:app")
    assert recording.wait() == 1
    assert "the database is not there" in recording.stderr
    trace = recording.read()
    assert trace.lifespans[0].story[2] == "lifespan.startup.failed"
    assert trace.notes[0].endswith("exited with status 3")
    assert rings(tmp_path) == []


def test_a_lifespan_that_raises_is_shown_and_the_app_served(record: Record) -> None:
    recording = record("raising_startup:app")
    assert httpx.get(recording.address, timeout=PATIENCE).text == "up\n"
    trace = recording.finished()
    assert trace.lifespans[0].exception["message"] == "raised in the lifespan"


def test_asgi_2(record: Record) -> None:
    for target, body in (("asgi2_app:Application", "class"), ("asgi2_app:application", "function")):
        recording = record(target)
        assert httpx.get(recording.address, timeout=PATIENCE).text == f"asgi2 {body}\n"
        scope = recording.finished().exchange("/").events[0]
        assert scope["legacy"] is True


def test_a_port_another_asgitrace_listens_at(record: Record) -> None:
    first = record("plain_app:app")
    second = record("plain_app:app", "--port", str(first.port))
    assert second.wait() == 2
    assert "is already in use; stop what listens there or pass --port." in second.stderr
    assert not second.output.exists()
    assert httpx.get(first.address, timeout=PATIENCE).status_code == 200
    assert first.stop() == 0


def test_a_port_is_free_again_at_once(record: Record) -> None:
    first = record("plain_app:app")
    httpx.get(first.address, timeout=PATIENCE)
    port = first.port
    assert first.stop() == 0
    assert not is_open(port)
    second = record("plain_app:app", "--port", str(port))
    assert second.port == port
    assert httpx.get(second.address, timeout=PATIENCE).status_code == 200
    assert second.stop() == 0


def test_a_runtime_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "asgitrace").mkdir(mode=0o777)
    (tmp_path / "asgitrace").chmod(0o777)
    result = subprocess.run(
        [sys.executable, "-m", "asgitrace", "record", "json:dumps", "--port", "0"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(tmp_path),
        check=False,
    )
    assert result.returncode == 2
    assert "not a private folder of yours" in result.stderr
    assert "Traceback" not in result.stderr


def test_settings_of_the_app_see_the_folder_it_was_started_in(record: Record, folder: Path) -> None:
    """Modules beside the working directory can be imported, as under uvicorn."""
    (folder / "needs_tests.py").write_text("from tests.e2e.apps.plain_app import app\n")
    recording = record("needs_tests:app", app_dir=folder)
    assert httpx.get(recording.address, timeout=PATIENCE).text == "plain\n"
    assert recording.stop() == 0
