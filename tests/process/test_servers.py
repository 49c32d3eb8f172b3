"""The table of servers: what each is told for our options, and what it cannot be told."""

import importlib.util
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from asgitrace.errors import OptionError
from asgitrace.process import servers
from asgitrace.process.servers import SERVED_APP, SERVERS, Launch, find_server, option_of
from asgitrace.server.config import ServerConfig

CONFIG = ServerConfig(port=8123)
TLS = replace(CONFIG, ssl_keyfile="/k:1.pem", ssl_certfile="/c.pem")
NAMES = sorted(SERVERS)


def arguments(name: str, config: ServerConfig = CONFIG, **options: Any) -> list[str]:
    return SERVERS[name].arguments(Launch(config, **options))


def values(name: str, flag: str, **options: Any) -> list[str]:
    """What follows each time that a flag is given."""
    given = arguments(name, **options)
    return [given[at + 1] for at, each in enumerate(given) if each == flag]


@pytest.mark.parametrize("name", NAMES)
def test_the_app_comes_last(name: str) -> None:
    given = arguments(name, extra=("--log-level", "debug"))
    assert given[-1].endswith(SERVED_APP)
    assert given[-3:-1] == ["--log-level", "debug"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("uvicorn", ["--host", "127.0.0.1", "--port", "8123"]),
        ("hypercorn", ["--bind", "127.0.0.1:8123"]),
        ("granian", ["--host", "127.0.0.1", "--port", "8123"]),
        ("daphne", ["--bind", "127.0.0.1", "--port", "8123"]),
        ("gunicorn", ["--bind", "127.0.0.1:8123"]),
    ],
)
def test_where_to_listen(name: str, place: list[str]) -> None:
    assert " ".join(place) in " ".join(arguments(name))


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("uvicorn", "--uds /a.sock"),
        ("hypercorn", "--bind unix:/a.sock"),
        ("granian", "--uds /a.sock"),
        ("daphne", "--unix-socket /a.sock"),
        ("gunicorn", "--bind unix:/a.sock"),
    ],
)
def test_a_unix_socket(name: str, place: str) -> None:
    given = " ".join(arguments(name, replace(CONFIG, uds="/a.sock")))
    assert place in given
    assert "8123" not in given


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("uvicorn", "--ssl-keyfile /k:1.pem --ssl-certfile /c.pem"),
        ("hypercorn", "--keyfile /k:1.pem --certfile /c.pem"),
        ("granian", "--ssl-keyfile /k:1.pem --ssl-certificate /c.pem"),
        ("daphne", r"ssl:8123:privateKey=/k\:1.pem:certKey=/c.pem:interface=127.0.0.1"),
        ("gunicorn", "--keyfile /k:1.pem --certfile /c.pem"),
    ],
)
def test_a_certificate(name: str, told: str) -> None:
    assert told in " ".join(arguments(name, TLS))


def test_a_host_of_ipv6_is_bracketed() -> None:
    assert values("hypercorn", "--bind", config=replace(CONFIG, host="::1")) == ["[::1]:8123"]


def test_daphne_has_no_tls_on_a_unix_socket() -> None:
    with pytest.raises(OptionError, match="TLS on a Unix socket"):
        arguments("daphne", replace(TLS, uds="/a.sock"))


@pytest.mark.parametrize("name", [each for each in NAMES if SERVERS[each].workers])
def test_workers(name: str) -> None:
    assert values(name, "--workers", workers=3) == ["3"]


def test_a_server_of_one_process() -> None:
    assert "--workers" not in arguments("daphne")
    with pytest.raises(OptionError, match="daphne runs in one process; leave --workers out"):
        arguments("daphne", workers=2)


@pytest.mark.parametrize(
    ("name", "option", "value", "told"),
    [
        ("uvicorn", "ws_max_size", 99, "--ws-max-size 99"),
        ("uvicorn", "timeout_keep_alive", 1.5, "--timeout-keep-alive 2"),
        ("uvicorn", "proxy_headers", False, "--no-proxy-headers"),
        ("hypercorn", "ssl_cert_reqs", 2, "--verify-mode CERT_REQUIRED"),
        ("granian", "root_path", "/api", "--url-path-prefix /api"),
        ("granian", "lifespan", "off", "--interface asginl"),
        ("daphne", "proxy_headers", True, "--proxy-headers"),
        ("gunicorn", "lifespan", "on", "--asgi-lifespan on"),
    ],
)
def test_what_the_user_says_is_passed_on(name: str, option: str, value: Any, told: str) -> None:
    config = replace(CONFIG, **{option: value})
    assert told in " ".join(arguments(name, config, given=frozenset({option})))


def test_what_the_user_does_not_say_is_the_servers_own_affair() -> None:
    config = replace(CONFIG, ws_max_size=99, proxy_headers=True)
    assert "99" not in arguments("uvicorn", config)
    assert "--proxy-headers" not in arguments("uvicorn", config)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_the_loop(loop: str) -> None:
    assert values("uvicorn", "--loop", given=frozenset({"loop"}), loop=loop) == [loop]
    assert values("hypercorn", "--worker-class", given=frozenset({"loop"}), loop=loop) == [loop]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["wire", "fd", "timeout_request_head"])
def test_an_option_of_our_own_server_is_refused(name: str, option: str) -> None:
    with pytest.raises(OptionError, match=f"{option_of(option)} is for asgitrace's own server"):
        arguments(name, given=frozenset({option}))


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("uvicorn", "ws_ping_interval", None),
        ("uvicorn", "timeout_graceful_shutdown", None),
        ("daphne", "loop", "uvloop"),
        ("granian", "ssl_cert_reqs", 2),
    ],
)
def test_a_value_that_the_server_does_not_have(name: str, option: str, value: Any) -> None:
    loop = value if option == "loop" else "auto"
    config = CONFIG if option == "loop" else replace(CONFIG, **{option: value})
    with pytest.raises(OptionError, match=f"{option_of(option)}: {name} cannot be told"):
        arguments(name, config, given=frozenset({option}), loop=loop)


def test_without_a_limit_for_the_end_the_server_is_told_none() -> None:
    config = replace(CONFIG, timeout_graceful_shutdown=None)
    assert "--timeout-graceful-shutdown" not in arguments("uvicorn", config)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("uvicorn", "--port=9"),
        ("uvicorn", "--reload"),
        ("hypercorn", "-b0.0.0.0:1"),
        ("granian", "--interface"),
        ("gunicorn", "-w4"),
    ],
)
def test_what_is_ours_to_say(name: str, extra: str) -> None:
    with pytest.raises(OptionError, match=re.escape(extra[:2])):
        arguments(name, extra=(extra,))


def test_gunicorns_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {("gunicorn", "asgi"), ("uvicorn", "workers"), ("gunicorn", "ctl")}
    monkeypatch.setattr(servers, "_has_module", lambda *module: module in there)
    assert values("gunicorn", "--worker-class") == ["asgi"]
    assert "--no-control-socket" in arguments("gunicorn")
    there.remove(("gunicorn", "asgi"))
    assert values("gunicorn", "--worker-class") == ["uvicorn.workers.UvicornWorker"]
    assert values("gunicorn", "--worker-class", extra=("-k", "mine.Worker")) == []
    there.clear()
    with pytest.raises(OptionError, match="pip install -U gunicorn"):
        arguments("gunicorn")


def test_a_server_nobody_knows() -> None:
    with pytest.raises(OptionError, match="uvicorn, hypercorn, granian, daphne, gunicorn"):
        find_server("unit")


def test_a_server_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"not installed .*: pip install granian\.$"):
        find_server("granian")


@pytest.mark.parametrize("name", NAMES)
def test_a_server_that_is_installed(name: str) -> None:
    assert find_server(name) is SERVERS[name]


def test_a_servers_modules_are_found_without_importing_it() -> None:
    code = (
        "import sys; from asgitrace.process.servers import SERVERS, Launch, find_server\n"
        "from asgitrace.server.config import ServerConfig\n"
        "for name in SERVERS: find_server(name).arguments(Launch(ServerConfig()))\n"
        "assert not {*SERVERS} - {'gunicorn', 'uvicorn'} & {*sys.modules}, sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
