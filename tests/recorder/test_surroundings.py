"""What a process says of itself: the server by who calls, the app by the best name there is."""

import functools
import sys
from pathlib import Path
from types import FrameType, ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

import asgitrace
from asgitrace.recorder.surroundings import describe_process, find_server


def frames(*modules: str) -> FrameType | None:
    """A stack of calls made by these modules, the innermost first."""
    innermost = None
    for module in reversed(modules):
        innermost = SimpleNamespace(f_globals={"__name__": module}, f_back=innermost)
    return cast("FrameType | None", innermost)


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that say their version."""
    for name in ("uvicorn", "hypercorn", "granian", "daphne", "gunicorn"):
        module = ModuleType(name)
        module.__dict__["__version__"] = "1.2.3"
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("versions")
@pytest.mark.parametrize(
    ("callers", "expected"),
    [
        (("asgitrace.recorder.trace", "uvicorn.protocols.http", "asyncio"), "uvicorn 1.2.3"),
        (("starlette.routing", "hypercorn.asyncio", "uvicorn.supervisors"), "hypercorn 1.2.3"),
        (("app", "granian.asgi"), "granian 1.2.3"),
        (("app", "daphne.server", "twisted"), "daphne 1.2.3"),
        (("app", "gunicorn.asgi.protocol", "gunicorn.arbiter"), "gunicorn 1.2.3"),
        (("app", "uvicorn.workers", "gunicorn.arbiter"), "gunicorn 1.2.3 (uvicorn 1.2.3)"),
        (("app", "uvicornish", "asyncio", "pytest"), ""),
        ((), ""),
    ],
)
def test_the_server_is_who_calls(callers: tuple[str, ...], expected: str) -> None:
    assert find_server(frames(*callers)) == expected


@pytest.mark.usefixtures("versions")
def test_a_stack_without_end_is_not_followed_to_it() -> None:
    assert find_server(frames(*["app"] * 600, "uvicorn")) == ""


def test_nginx_unit_is_known_by_what_it_gives() -> None:
    kind = type("_asgi_http", (), {"__module__": "unit", "receive": lambda self: None})
    assert find_server(frames("app"), kind().receive) == "NGINX Unit"


def test_a_version_that_the_package_does_not_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("hypercorn")
    module.__path__ = [str(tmp_path / "hypercorn")]
    monkeypatch.setitem(sys.modules, "hypercorn", module)
    assert find_server(frames("hypercorn.run")) == "hypercorn"
    (tmp_path / "hypercorn-0.18.0.dist-info").mkdir()
    assert find_server(frames("hypercorn.run")) == "hypercorn 0.18.0"


class App:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


def named(monkeypatch: pytest.MonkeyPatch, app: object, *argv: str, **main: object) -> str:
    """What the app is called in a program that has these names."""
    module = ModuleType("__main__")
    vars(module).update(main)
    monkeypatch.setitem(sys.modules, "__main__", module)
    monkeypatch.setattr(sys, "argv", ["/usr/bin/serve", *argv])
    return describe_process(app).app


@pytest.mark.parametrize("argument", ["json:app", "json:app.wrapped", "json:create_app()"])
def test_an_app_that_the_arguments_name(monkeypatch: pytest.MonkeyPatch, argument: str) -> None:
    arguments = ("--bind", "127.0.0.1:8000", "json:8000", "nowhere:app", "unix:/run/x", argument)
    assert named(monkeypatch, App(), *arguments) == argument


def test_an_app_that_hypercorn_is_told_the_interface_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert named(monkeypatch, App(), "asgi:json:app") == "json:app"


def test_an_app_that_the_program_names(monkeypatch: pytest.MonkeyPatch) -> None:
    app = App()
    traced = asgitrace.trace(app)
    assert named(monkeypatch, app, site=app, __file__="/srv/serve.py") == "serve:site"
    assert named(monkeypatch, app, other=1, site=traced, __file__="/srv/serve.py") == "serve:site"
    assert named(monkeypatch, app, site=app) == "site"


def test_an_app_that_nobody_names(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    assert named(monkeypatch, App()) == "App"
    assert named(monkeypatch, app).endswith("test_an_app_that_nobody_names.<locals>.app")
    assert named(monkeypatch, app).startswith(f"{__name__}:")
    assert named(monkeypatch, functools.partial(app)) == "partial"


def test_an_app_that_does_not_want_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shy:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError("not ready")

    about = describe_process(Shy(), Shy())
    assert (about.server, about.ppid > 0) == ("", True)
    assert named(monkeypatch, Shy()) == ""


def test_a_folder_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("os.getcwd", gone)
    assert describe_process("a:b", server="asgitrace").cwd == ""
