"""What a process of another server tells, whether or not there is somebody to hear it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from asgitrace.errors import OptionError
from asgitrace.process.served_worker import Superior, load_served
from asgitrace.process.spec import REPORTS, SERVED, AppSpec, Denied, Loaded, Served
from asgitrace.ring.layout import MINIMUM_SIZE
from asgitrace.server.config import ServerConfig


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[int]:
    """The end of the pipe that reports come out of."""
    os.mkfifo(tmp_path / REPORTS)
    end = os.open(tmp_path / REPORTS, os.O_RDONLY | os.O_NONBLOCK)
    yield end
    os.close(end)


def test_a_report(tmp_path: Path, reports: int) -> None:
    Superior(tmp_path).report(Loaded(7))
    assert os.read(reports, 100) == b'{"type":"loaded","pid":7}\n'


def test_nobody_hears(tmp_path: Path) -> None:
    superior = Superior(tmp_path / "gone")
    superior.report(Loaded(7))
    assert superior.first_to_say("traceback")
    os.mkfifo(tmp_path / REPORTS)
    Superior(tmp_path).report(Loaded(7))


def test_a_pipe_that_is_full(tmp_path: Path, reports: int) -> None:
    superior = Superior(tmp_path)
    for _ in range(5000):
        superior.report(Loaded(7))
    assert os.read(reports, 1 << 20).endswith(b"}\n")


def test_what_needs_to_be_said_only_once(tmp_path: Path) -> None:
    assert Superior(tmp_path).first_to_say("traceback")
    assert not Superior(tmp_path).first_to_say("traceback")
    assert Superior(tmp_path).first_to_say("interface")


def test_there_is_no_terminal(tmp_path: Path) -> None:
    assert Superior(tmp_path).ask(Loaded(7)) == (Denied(), None)


def test_who_imports_the_app_without_asgitrace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SERVED, raising=False)
    with pytest.raises(OptionError, match="run: asgitrace module:app --server uvicorn"):
        load_served()


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, asgitrace.process.served_worker\n"
        "heavy = {'numpy', 'textual', 'rich', 'click', 'h11', 'wsproto', 'watchfiles', 'lark'}\n"
        "assert not heavy & {*sys.modules}, heavy & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


APPS = """
import functools

async def asgi3(scope, receive, send):
    await send({"seen": scope["type"]})

def function(scope, receive, send):
    return asgi3(scope, receive, send)

class Awaitable:
    def __init__(self, scope, receive, send):
        self.call = asgi3(scope, receive, send)

    def __await__(self):
        return self.call.__await__()

def double(scope):
    async def instance(receive, send):
        await asgi3(scope, receive, send)
    return instance

class Double:
    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        await asgi3(self.scope, receive, send)

partial = functools.partial(asgi3)

def wsgi(environ, start_response):
    return []
"""
KINDS = ("asgi3", "function", "Awaitable", "double", "Double", "partial", "wsgi")
SERVERS = f"""
import asyncio, os, sys
from asgiref.compatibility import is_double_callable
from hypercorn.utils import is_asgi
from uvicorn import Config
from asgitrace.process.served_worker import load_served

async def send(message):
    print(name, message["seen"])

for name, told in zip({KINDS}, sys.argv[1:], strict=True):
    os.environ["{SERVED}"] = told
    app = load_served()
    config = Config(app)
    config.load()
    print(name, is_asgi(app), is_double_callable(app), config.interface)
    if name != "wsgi":
        asyncio.run(app({{"type": "http"}}, None, send))
"""


def test_no_server_takes_an_app_for_anything_else_than_asgi_3(tmp_path: Path) -> None:
    (tmp_path / "kinds.py").write_text(APPS)
    told = []
    for name in KINDS:
        spec = AppSpec(f"kinds:{name}", ServerConfig(), app_dir=str(tmp_path), buffer=MINIMUM_SIZE)
        served = Served(spec, str(tmp_path), b"", ((0, 0), (0, 1)))
        told.append(msgspec.json.encode(served).decode())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SERVERS, *told],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    judged = [f"{name} True False asgi3" for name in KINDS]
    seen = [f"{name} http" for name in KINDS if name != "wsgi"]
    assert sorted(done.stdout.splitlines()) == sorted(judged + seen)
