"""The ways in which servers are told things: where to listen, and the values of options."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

from asgitrace.errors import OptionError
from asgitrace.server.config import ServerConfig

Flag = Callable[[Any], Sequence[str]]
"""From the value of one of our options to a server's arguments. Raises ValueError where the server
cannot be told so."""


def plain(name: str) -> Flag:
    """The value as it is."""

    def flag(value: Any) -> Sequence[str]:
        if value is None:
            raise ValueError("cannot be told 0 for none")
        return (name, str(value))

    return flag


def whole(name: str) -> Flag:
    """Seconds without a fraction: rather a little longer."""

    def flag(value: Any) -> Sequence[str]:
        if value is None:
            raise ValueError("cannot be told 0 for none")
        return (name, str(ceil(value)))

    return flag


def switch(on: str, off: str = "") -> Flag:
    """One word or the other; empty: nothing is to be said."""

    def flag(value: Any) -> Sequence[str]:
        name = on if value else off
        return (name,) if name else ()

    return flag


def one_of(name: str, words: Mapping[Any, str]) -> Flag:
    """One of a server's own words; empty: nothing is to be said."""

    def flag(value: Any) -> Sequence[str]:
        if value not in words:
            raise ValueError(f"cannot be told {value}")
        return (name, words[value]) if words[value] else ()

    return flag


def _authority(config: ServerConfig) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"{host}:{config.port}"


def _certificate(config: ServerConfig, key: str, chain: str) -> list[str]:
    parts = []
    if config.ssl_keyfile is not None:
        parts += [key, config.ssl_keyfile]
    if config.ssl_certfile is not None:
        parts += [chain, config.ssl_certfile]
    return parts


def host_and_port(key: str, chain: str) -> Callable[[ServerConfig], Sequence[str]]:
    """An address by two options, a Unix socket by ``--uds``; ``key`` and ``chain`` are those for a
    certificate."""

    def place(config: ServerConfig) -> Sequence[str]:
        if config.uds is not None:
            where = ["--uds", config.uds]
        else:
            where = ["--host", config.host, "--port", str(config.port)]
        return [*where, *_certificate(config, key, chain)]

    return place


def bind(config: ServerConfig) -> Sequence[str]:
    """An address or a Unix socket by ``--bind``."""
    where = f"unix:{config.uds}" if config.uds is not None else _authority(config)
    return ["--bind", where, *_certificate(config, "--keyfile", "--certfile")]


def twisted_endpoint(config: ServerConfig) -> Sequence[str]:
    """daphne's: TLS goes by a string of Twisted's, in which colons and backslashes are escaped."""
    if config.ssl_certfile is None:
        if config.uds is not None:
            return ["--unix-socket", config.uds]
        return ["--bind", config.host, "--port", str(config.port)]
    if config.uds is not None:
        raise OptionError("daphne has no TLS on a Unix socket; pass --host and --port, or no TLS.")
    parts = {
        "privateKey": config.ssl_keyfile or config.ssl_certfile,
        "certKey": config.ssl_certfile,
        "interface": config.host,
    }
    quoted = [f"{name}={_escape(value)}" for name, value in parts.items()]
    return ["--endpoint", ":".join(["ssl", str(config.port), *quoted])]


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")
