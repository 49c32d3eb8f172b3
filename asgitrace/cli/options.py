"""The options of commands that run an app, named as uvicorn names them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, get_args

import click
from click.core import ParameterSource

from asgitrace.cli.filters import FilterType
from asgitrace.errors import OptionError
from asgitrace.process.spec import AppSpec, Interface
from asgitrace.ring.layout import Layout
from asgitrace.sampling import sampler
from asgitrace.server.config import ServerConfig
from asgitrace.sizes import parse_size

if TYPE_CHECKING:
    from asgitrace.filter import Predicate


class Size(click.ParamType):  # type: ignore[type-arg]
    """Bytes, as ``65536``, ``64KiB`` or ``64k``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except OptionError as error:
            self.fail(str(error), param, ctx)


class Seconds(click.ParamType):  # type: ignore[type-arg]
    """A time, as ``30``, ``30s``, ``1.5m`` or ``500ms``."""

    name = "time"
    _units: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, int | float):
            return float(value)
        text = value.strip().lower()
        unit = next((unit for unit in self._units if text.endswith(unit)), "")
        try:
            seconds = float(text.removesuffix(unit)) * self._units.get(unit, 1.0)
        except ValueError:
            seconds = -1.0
        if not 0 <= seconds < 1e9:
            self.fail(f"{value!r} is not a time; write for example 30s, 1.5m or 500ms.", param, ctx)
        return seconds


_PLACES: Final = {"--fd": ("fd",), "--uds": ("uds",), "--host or --port": ("host", "port")}
"""Where to listen: one of these."""

_SAID: Final = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)

_ZERO_IS_NONE: Final = (
    "ws_ping_interval", "ws_ping_timeout", "timeout_request_head", "timeout_request_body",
)  # fmt: skip
"""Options with which 0 means without end."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """All that the options say."""

    spec: AppSpec
    reload: bool
    reload_dirs: tuple[str, ...]
    memory: int
    """Bytes that the store may take."""
    filter: "Predicate | None" = None
    server: str | None = None
    """Name of the server to run the app under; None: asgitrace's own."""
    workers: int | None = None
    extra: tuple[str, ...] = ()
    """Arguments for that server."""
    given: frozenset[str] = frozenset()
    """Names of the options about the server (as ``ws_max_size``) that the user gave."""


memory_option: Final = click.option(
    "--memory", type=Size(), default="256MiB", show_default=True,
    help="How much of the trace is kept; beyond it the oldest goes. At least 1MiB.",
)  # fmt: skip
filter_option: Final = click.option(
    "--filter", "filter_", type=FilterType(), metavar="EXPR",
    help="Exchanges to show or to write, for example 'status=5xx or dur>1s'.",
)  # fmt: skip

_SERVER_OPTIONS: Final = (
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option("--port", default=8000, show_default=True, help="Port; 0 takes a free one."),
    click.option("--uds", metavar="PATH", help="Listen on a Unix socket instead."),
    click.option("--fd", type=click.IntRange(min=0), metavar="NUMBER",
                 help="Listen on an inherited socket instead."),
    click.option("--root-path", default="", help="ASGI root_path, behind a proxy's prefix."),
    click.option(
        "--proxy-headers/--no-proxy-headers",
        default=False,
        help="Believe X-Forwarded-Proto and -For of trusted proxies.",
    ),
    click.option(
        "--forwarded-allow-ips",
        default="127.0.0.1",
        show_default=True,
        help="Proxies to trust, with commas; * for all.",
    ),
    click.option("--ssl-keyfile", metavar="FILE", help="Private key for TLS."),
    click.option("--ssl-certfile", metavar="FILE", help="Certificate chain for TLS."),
    click.option("--ssl-keyfile-password", metavar="TEXT", help="Password of the key."),
    click.option("--ssl-ca-certs", metavar="FILE", help="Whose client certificates are believed."),
    click.option("--ssl-cert-reqs", type=click.IntRange(0, 2), default=0, show_default=True,
                 help="Client certificates: 0 none, 1 optional, 2 required."),
    click.option("--ssl-ciphers", metavar="TEXT", help="Ciphers, in OpenSSL's words."),
    click.option(
        "--lifespan",
        type=click.Choice(["auto", "on", "off"]),
        default="auto",
        show_default=True,
        help="Whether to run the app's lifespan.",
    ),
    click.option("--ws-max-size", type=Size(), default="16MiB", show_default=True,
                 help="Largest WebSocket message."),
    click.option("--ws-ping-interval", type=Seconds(), default=20.0, show_default=True,
                 help="Between pings; 0 for none."),
    click.option("--ws-ping-timeout", type=Seconds(), default=20.0, show_default=True,
                 help="For the pong; 0 to wait for ever."),
    click.option("--timeout-request-head", type=Seconds(), default=20.0, show_default=True,
                 help="How long a client may take for a request's head; 0 for ever."),
    click.option("--timeout-request-body", type=Seconds(), default=60.0, show_default=True,
                 help="How long between two pieces of its body; 0 for ever."),
    click.option("--timeout-keep-alive", type=Seconds(), default=5.0, show_default=True,
                 help="How long an idle connection stays open."),
    click.option("--timeout-graceful-shutdown", type=Seconds(), default=10.0, show_default=True,
                 help="How long exchanges may take to finish at the end."),
)  # fmt: skip

_SERVED_OPTIONS: Final = (
    click.option("--server", "server", metavar="NAME",
                 help="Run the app under this server: uvicorn, hypercorn, granian, daphne or "
                 "gunicorn; what follows -- is for it."),
    click.option("--workers", type=click.IntRange(min=1), metavar="N",
                 help="Processes that the server is to have."),
    click.argument("extra", nargs=-1, type=click.UNPROCESSED, metavar="[-- SERVER OPTIONS]"),
)  # fmt: skip

_APP_OPTIONS: Final = (
    click.option("--app-dir", default=".", metavar="DIR", help="Where to import the app from."),
    click.option("--factory", is_flag=True, help="The target is a function that returns the app."),
    click.option("--interface", type=click.Choice(get_args(Interface)), default="auto",
                 show_default=True,
                 help="What the app is; auto finds it out. wsgi needs the package a2wsgi."),
    click.option("--loop", type=click.Choice(["auto", "asyncio", "uvloop"]), default="auto",
                 show_default=True, help="Event loop of the app; auto takes uvloop if installed."),
    click.option("--reload", is_flag=True, help="Restart the app when a Python file changes."),
    click.option("--reload-dir", "reload_dirs", multiple=True, metavar="DIR",
                 help="Folders to watch; by default the app's."),
    click.option("--body-limit", type=Size(), default="64KiB", show_default=True,
                 help="How much of each body or message is recorded."),
    click.option("--buffer", type=Size(), default="64MiB", show_default=True,
                 help="Size of the ring in shared memory."),
    memory_option,
    filter_option,
    click.option("--wire", type=click.Choice(["off", "events", "bytes"]), default="events",
                 show_default=True,
                 help="What is recorded below ASGI: protocol events, or the raw bytes too."),
    click.option("--sample", default="1", metavar="SHARE|EXPR",
                 help="Record only this share of the exchanges, as 0.01 or 1%, or those that pass "
                 "a filter over what is known when the app is called, as 'path:/api'."),
    click.option("--keep-errors", is_flag=True,
                 help="With --sample: record those that fail, too."),
)  # fmt: skip


def app_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command all options about app and server; it is called with ``options: RunOptions``.

    The command's own parameters pass through; ``target`` must be among them.
    """

    @wraps(command)
    def gathered(target: str, **values: Any) -> Any:
        _check_place(click.get_current_context())
        options = _gather(target, values)
        return command(target=target, options=options, **values)

    for option in reversed((*_SERVER_OPTIONS, *_APP_OPTIONS)):
        gathered = option(gathered)
    return gathered


def served_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that has ``app_options`` those about another server; what they say is in its
    ``options``."""

    @wraps(command)
    def gathered(
        options: RunOptions,
        server: str | None,
        workers: int | None,
        extra: tuple[str, ...],
        **values: Any,
    ) -> Any:
        if server is None and extra:
            raise OptionError(
                f"{extra[0]!r} is one argument too many; only with --server NAME there may be more,"
                " for that server, behind --."
            )
        if server is None and workers is not None:
            raise OptionError(
                "asgitrace's own server is one process; for --workers pass --server, too, "
                "for example --server uvicorn."
            )
        told = replace(options, server=server, workers=workers, extra=extra)
        return command(options=told, **values)

    for option in reversed(_SERVED_OPTIONS):
        gathered = option(gathered)
    return gathered


def _check_place(context: click.Context) -> None:
    """Only one place to listen on may be given. Raises OptionError."""
    given = [
        option
        for option, names in _PLACES.items()
        if any(context.get_parameter_source(name) in _SAID for name in names)
    ]
    if len(given) > 1:
        raise OptionError(f"{given[0]} and {given[1]} exclude each other; pass one of them.")


def _gather(target: str, values: dict[str, Any]) -> RunOptions:
    """Take the options out of ``values``; what is left is the command's own."""
    context = click.get_current_context()
    reload_dirs: tuple[str, ...] = values.pop("reload_dirs")
    reload = values.pop("reload") or bool(reload_dirs)
    about_app = {
        name: values.pop(name)
        for name in (
            "app_dir", "factory", "interface", "loop", "body_limit", "buffer", "wire", "sample",
            "keep_errors",
        )
    }  # fmt: skip
    about_server = {
        name: values.pop(name) for name in ServerConfig.__dataclass_fields__ if name in values
    }
    for name in _ZERO_IS_NONE:
        about_server[name] = about_server[name] or None
    if about_server["uds"] is not None and not about_server["uds"]:
        raise OptionError("--uds needs the path of a socket.")
    Layout.check_size(about_app["buffer"])
    # What cannot be meant is said here, not by the app's process.
    sampler(about_app["sample"])
    if about_app["keep_errors"] and context.get_parameter_source("sample") not in _SAID:
        raise OptionError("--keep-errors is for --sample; without it every exchange is recorded.")
    spec = AppSpec(target=target, server=ServerConfig(**about_server), **about_app)
    memory, predicate = values.pop("memory"), values.pop("filter_")
    return RunOptions(
        spec, reload, reload_dirs or (spec.app_dir,), memory, predicate, given=_given()
    )


def _given() -> frozenset[str]:
    """Which options about the server the user gave."""
    context = click.get_current_context()
    names = {*ServerConfig.__dataclass_fields__, "loop", "wire"}
    return frozenset(name for name in names if context.get_parameter_source(name) in _SAID)
