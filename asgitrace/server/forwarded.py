"""X-Forwarded-For and X-Forwarded-Proto from trusted proxies."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from asgitrace.errors import OptionError
from asgitrace.server.defaults import Header
from asgitrace.server.scope import Endpoint

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SECURE = {b"https": True, b"wss": True, b"http": False, b"ws": False}


@dataclass(frozen=True, slots=True)
class TrustedPeers:
    """The addresses whose forwarding headers are believed."""

    everyone: bool
    networks: tuple[Network, ...]

    @classmethod
    def parse(cls, option: str) -> Self:
        """Read a comma-separated list of addresses and networks; ``*`` trusts everyone."""
        entries = [entry.strip() for entry in option.split(",") if entry.strip()]
        try:
            networks = tuple(ipaddress.ip_network(e, strict=False) for e in entries if e != "*")
        except ValueError as exc:
            raise OptionError(
                f"--forwarded-allow-ips takes addresses, networks or *, but {exc}."
            ) from exc
        return cls("*" in entries, networks)

    def trusts(self, host: str) -> bool:
        """Whether `host` is one of them. A name that is no address is trusted only by ``*``."""
        return self.everyone or _within(host, self.networks)


@lru_cache(maxsize=1024)
def _within(host: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def forwarded(endpoint: Endpoint, headers: Iterable[Header], trusted: TrustedPeers) -> Endpoint:
    """The endpoint as the proxies before us saw it, if the peer is one of them.

    A peer on a Unix socket is a process of this machine that the file's permissions let in: it is
    trusted as the loopback address is.
    """
    if endpoint.client is None:
        # A TCP peer that is gone already has no address either.
        local = endpoint.server is not None and endpoint.server[1] is None
        if not local:
            return endpoint
    elif not trusted.trusts(endpoint.client[0]):
        return endpoint
    hops, protocol = [], b""
    for name, value in headers:
        if name == b"x-forwarded-for":
            # RFC 9110 section 5.3: several lines are one list.
            hops.append(value)
        elif name == b"x-forwarded-proto":
            protocol = value.strip().lower()
    secure = _SECURE.get(protocol, endpoint.secure)
    client = _client(b",".join(hops), trusted) or endpoint.client
    return replace(endpoint, secure=secure, client=client)


def _client(value: bytes, trusted: TrustedPeers) -> tuple[str, int] | None:
    """The rightmost address that is not one of the proxies: left of it anyone can have written."""
    hosts = [_host(part) for part in value.decode("latin-1").split(",") if part.strip()]
    if not hosts:
        return None
    if trusted.everyone:
        return hosts[0], 0
    return next((host for host in reversed(hosts) if not trusted.trusts(host)), hosts[0]), 0


def _host(entry: str) -> str:
    """The address of one entry: some proxies add a port, and brackets round IPv6."""
    entry = entry.strip()
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    if entry.count(":") == 1:
        return entry.partition(":")[0]
    return entry
