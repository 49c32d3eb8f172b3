"""ASGI servers that an app can be run under, and how each is told what to do.

A server is started as ``python -m its module`` with an argument list that is made here from our own
options; what follows ``--`` on our command line is handed to it as it is."""

import importlib.machinery
import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from types import MappingProxyType
from typing import Final

from asgitrace.errors import OptionError
from asgitrace.process.server_flags import (
    Flag,
    bind,
    host_and_port,
    one_of,
    plain,
    switch,
    twisted_endpoint,
    whole,
)
from asgitrace.server.config import ServerConfig

SERVED_APP: Final = "asgitrace.process.served_app:app"
"""What a server is told to import; the environment says what that loads."""

_PLACE: Final = frozenset({"host", "port", "uds"})
_FILES: Final = frozenset({"ssl_keyfile", "ssl_certfile"})


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is to run."""

    config: ServerConfig
    workers: int = 1
    given: frozenset[str] = frozenset()
    """Names of the options (as ``ws_max_size``) that the user gave, besides where to listen."""
    loop: str = "auto"
    extra: tuple[str, ...] = ()
    """Arguments of the server's own."""
    target: str = SERVED_APP


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A server: what it can do, and its argument list."""

    name: str
    package: str
    """What pip installs."""
    module: str
    place: Callable[[ServerConfig], Sequence[str]]
    """The arguments for where to listen, certificate included."""
    flags: Mapping[str, Flag]
    """By our options: its arguments. What is not here the server cannot be told."""
    own: frozenset[str]
    """Its arguments that we give it; from the user they come before the ``--``."""
    fixed: Callable[[Launch], Sequence[str]] = lambda launch: ()
    """The arguments that it always has."""
    prefix: str = ""
    """Before the target."""
    always: frozenset[str] = frozenset({"timeout_graceful_shutdown"})
    """Those of our options that it is told even where the user did not give them."""
    workers: str | None = None
    """Its argument for the number of worker processes; None: it has one process."""
    http2: bool = False
    """It speaks HTTP/2."""
    http3: bool = False
    websocket: bool = True
    lifespan: bool = True
    tls: bool = True
    uds: bool = True
    needs: Mapping[str, str] = field(default_factory=dict)
    """By what is not in every installation: what to install for it."""

    def arguments(self, launch: Launch) -> list[str]:
        """All that the server is started with, behind ``python -m module``. Raises OptionError for
        what it cannot be told."""
        check_extra(self, launch.extra)
        told = {*launch.given, *self.always} - _PLACE - _FILES
        options = [part for name in sorted(told) for part in self._told(name, launch)]
        return [
            *self.fixed(launch),
            *self.place(launch.config),
            *self._number(launch.workers),
            *options,
            *launch.extra,
            self.prefix + launch.target,
        ]

    def _told(self, name: str, launch: Launch) -> Sequence[str]:
        flag = self.flags.get(name)
        if flag is None:
            if name not in launch.given:
                return ()
            raise OptionError(
                f"{option_of(name)} is for asgitrace's own server; "
                f"{self.name} takes its own options behind --."
            )
        value = launch.loop if name == "loop" else getattr(launch.config, name)
        try:
            return () if value is None and name not in launch.given else flag(value)
        except ValueError as error:
            raise OptionError(f"{option_of(name)}: {self.name} {error}.") from None

    def _number(self, workers: int) -> Sequence[str]:
        if self.workers is not None:
            return (self.workers, str(workers))
        if workers > 1:
            raise OptionError(
                f"{self.name} runs in one process; leave --workers out, or take another --server."
            )
        return ()


def option_of(name: str) -> str:
    """An option as it is typed."""
    return "--" + name.replace("_", "-")


def check_extra(kind: ServerKind, extra: Iterable[str]) -> None:
    """Whether a server's own arguments leave alone what is ours to say. Raises OptionError."""
    for argument in extra:
        if not argument.startswith("-"):
            continue
        name = argument.partition("=")[0] if argument.startswith("--") else argument[:2]
        if name in kind.own:
            raise OptionError(
                f"{name} is not {kind.name}'s to be told behind --: asgitrace has options of its "
                "own for where to listen, workers, reload and the app, before the --."
            )


def find_server(name: str) -> ServerKind:
    """The server of this name, which is installed. Raises OptionError."""
    kind = SERVERS.get(name)
    if kind is None:
        raise OptionError(
            f"There is no server {name!r} that asgitrace knows; there are {', '.join(SERVERS)}."
        )
    if not is_installed(kind):
        raise OptionError(
            f"{kind.name} is not installed where asgitrace is; "
            f"install it with: pip install {kind.package}."
        )
    return kind


def is_installed(kind: ServerKind) -> bool:
    """Whether the server can be started; nothing of it is imported."""
    return importlib.util.find_spec(kind.module) is not None


def version_of(package: str) -> str:
    """The version of an installed package; empty where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _has_module(package: str, module: str) -> bool:
    """Whether an installed package has a module, without importing either."""
    found = importlib.util.find_spec(package)
    if found is None:
        return False
    folders = found.submodule_search_locations
    return importlib.machinery.PathFinder.find_spec(f"{package}.{module}", folders) is not None


def _gunicorn_worker(launch: Launch) -> Sequence[str]:
    """gunicorn's own ASGI worker where it has one, else uvicorn's, unless the user says which."""
    # It lies in the home directory, one for all that run.
    quiet = ("--no-control-socket",) if _has_module("gunicorn", "ctl") else ()
    if any(part.startswith(("-k", "--worker-class")) for part in launch.extra):
        return quiet
    if _has_module("gunicorn", "asgi"):
        return (*quiet, "--worker-class", "asgi")
    if _has_module("uvicorn", "workers"):
        return (*quiet, "--worker-class", "uvicorn.workers.UvicornWorker")
    raise OptionError(
        "This gunicorn has no ASGI worker of its own, and there is none of uvicorn's; "
        "install one with: pip install -U gunicorn."
    )


_UVICORN: Final = ServerKind(
    name="uvicorn",
    package="uvicorn",
    module="uvicorn",
    place=host_and_port("--ssl-keyfile", "--ssl-certfile"),
    fixed=lambda launch: ("--interface", "asgi3"),
    flags={
        "root_path": plain("--root-path"),
        "proxy_headers": switch("--proxy-headers", "--no-proxy-headers"),
        "forwarded_allow_ips": plain("--forwarded-allow-ips"),
        "ssl_keyfile_password": plain("--ssl-keyfile-password"),
        "ssl_ca_certs": plain("--ssl-ca-certs"),
        "ssl_cert_reqs": plain("--ssl-cert-reqs"),
        "ssl_ciphers": plain("--ssl-ciphers"),
        "lifespan": plain("--lifespan"),
        "ws_max_size": plain("--ws-max-size"),
        "ws_ping_interval": plain("--ws-ping-interval"),
        "ws_ping_timeout": plain("--ws-ping-timeout"),
        "timeout_keep_alive": whole("--timeout-keep-alive"),
        "timeout_graceful_shutdown": whole("--timeout-graceful-shutdown"),
        "loop": plain("--loop"),
    },
    own=frozenset(
        {"--host", "--port", "--uds", "--fd", "--workers", "--reload", "--factory", "--app-dir",
         "--interface", "--ssl-keyfile", "--ssl-certfile", "--help", "--version"}
    ),
    workers="--workers",
)  # fmt: skip

_HYPERCORN: Final = ServerKind(
    name="hypercorn",
    package="hypercorn",
    module="hypercorn",
    place=bind,
    prefix="asgi:",
    flags={
        "root_path": plain("--root-path"),
        "ssl_keyfile_password": plain("--keyfile-password"),
        "ssl_ca_certs": plain("--ca-certs"),
        "ssl_ciphers": plain("--ciphers"),
        "ssl_cert_reqs": one_of(
            "--verify-mode", {0: "CERT_NONE", 1: "CERT_OPTIONAL", 2: "CERT_REQUIRED"}
        ),
        "ws_ping_interval": whole("--websocket-ping-interval"),
        "timeout_keep_alive": whole("--keep-alive"),
        "timeout_graceful_shutdown": whole("--graceful-timeout"),
        "loop": one_of("--worker-class", {"auto": "", "asyncio": "asyncio", "uvloop": "uvloop"}),
    },
    own=frozenset(
        {"-b", "--bind", "-w", "--workers", "--reload", "--keyfile", "--certfile", "-D",
         "--daemon", "-h", "--help"}
    ),
    workers="--workers",
    http2=True,
    http3=True,
    needs={"http3": "hypercorn[h3]", "trio": "hypercorn[trio]"},
)  # fmt: skip

_GRANIAN: Final = ServerKind(
    name="granian",
    package="granian",
    module="granian",
    place=host_and_port("--ssl-keyfile", "--ssl-certificate"),
    fixed=lambda launch: (
        "--interface", "asginl" if launch.config.lifespan == "off" else "asgi", "--no-reload",
    ),
    flags={
        "root_path": plain("--url-path-prefix"),
        "ssl_keyfile_password": plain("--ssl-keyfile-password"),
        "ssl_ca_certs": plain("--ssl-ca"),
        "ssl_cert_reqs": one_of("--ssl-client-verify", {0: ""}),
        "lifespan": lambda value: (),
        "timeout_graceful_shutdown": lambda value: (
            "--workers-kill-timeout", str(min(max(ceil(value), 1), 1800)),
        ),
        "loop": plain("--loop"),
    },
    own=frozenset(
        {"--host", "--port", "--uds", "--workers", "--reload", "--no-reload", "--factory",
         "--no-factory", "--interface", "--working-dir", "--ssl-keyfile", "--ssl-certificate",
         "--help", "--version"}
    ),
    workers="--workers",
    http2=True,
)  # fmt: skip

_DAPHNE: Final = ServerKind(
    name="daphne",
    package="daphne",
    module="daphne",
    place=twisted_endpoint,
    flags={
        "root_path": plain("--root-path"),
        "proxy_headers": switch("--proxy-headers"),
        "ws_max_size": plain("--websocket-max-message-size"),
        "ws_ping_interval": whole("--ping-interval"),
        "ws_ping_timeout": whole("--ping-timeout"),
        "loop": one_of("", {"auto": "", "asyncio": ""}),
    },
    own=frozenset(
        {"-b", "--bind", "-p", "--port", "-u", "--unix-socket", "--fd", "-h", "--help"}
    ),
    lifespan=False,
    http2=True,
    needs={"http2": "twisted[tls,http2]", "tls": "twisted[tls]"},
)  # fmt: skip

_GUNICORN: Final = ServerKind(
    name="gunicorn",
    package="gunicorn",
    module="gunicorn",
    place=bind,
    fixed=_gunicorn_worker,
    flags={
        "root_path": plain("--root-path"),
        "forwarded_allow_ips": plain("--forwarded-allow-ips"),
        "ssl_ca_certs": plain("--ca-certs"),
        "ssl_cert_reqs": plain("--cert-reqs"),
        "ssl_ciphers": plain("--ciphers"),
        "lifespan": plain("--asgi-lifespan"),
        "ws_max_size": plain("--websocket-max-message-size"),
        "timeout_keep_alive": whole("--keep-alive"),
        "timeout_graceful_shutdown": whole("--graceful-timeout"),
        "loop": plain("--asgi-loop"),
    },
    own=frozenset(
        {"-b", "--bind", "-w", "--workers", "--reload", "--keyfile", "--certfile", "-D",
         "--daemon", "-h", "--help", "-v", "--version", "--chdir"}
    ),
    workers="--workers",
    http2=True,
)  # fmt: skip

SERVERS: Final[Mapping[str, ServerKind]] = MappingProxyType(
    {kind.name: kind for kind in (_UVICORN, _HYPERCORN, _GRANIAN, _DAPHNE, _GUNICORN)}
)
"""The servers by name."""
