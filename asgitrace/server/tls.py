"""TLS: the context that the options ask for, and what a connection tells the app of it.

The second is the `tls` extension of the scope (ASGI TLS 0.2).
"""

import re
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from asgitrace.errors import OptionError
from asgitrace.server.config import ServerConfig

if TYPE_CHECKING:
    import asyncio

HANDSHAKE_TIMEOUT: Final = 20.0
"""Seconds a client has for its side of the TLS handshake."""
SHUTDOWN_TIMEOUT: Final = 60.0
"""Seconds a client has to take what is left of a response and to answer that the connection is to
be closed. What it has not taken by then is lost."""

_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL
)
_VERSIONS: Final = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_ATTRIBUTES: Final = {
    "commonName": "CN",
    "localityName": "L",
    "stateOrProvinceName": "ST",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "streetAddress": "STREET",
    "domainComponent": "DC",
    "userId": "UID",
}
"""OpenSSL's names of the attributes that have a short one in RFC 4514 section 3."""
_SPECIAL: Final = frozenset('"+,;<>\\')


def load_tls(config: ServerConfig) -> ssl.SSLContext | None:
    """The TLS context the options ask for, or None for plain connections. Raises OptionError."""
    if config.ssl_certfile is None:
        _refuse_without_certificate(config)
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # RFC 7301: a client that offers protocols must find the one that is spoken here.
    context.set_alpn_protocols(["http/1.1"])
    _load_certificate(context, config, config.ssl_certfile)
    _load_clients(context, config)
    if config.ssl_ciphers is not None:
        try:
            context.set_ciphers(config.ssl_ciphers)
        except ssl.SSLError as exc:
            raise OptionError(
                f"no cipher is called {config.ssl_ciphers!r}; pass another --ssl-ciphers."
            ) from exc
    return context


def _refuse_without_certificate(config: ServerConfig) -> None:
    for name in ("keyfile", "ca_certs", "cert_reqs", "ciphers"):
        if getattr(config, f"ssl_{name}"):
            option = f"--ssl-{name.replace('_', '-')}"
            raise OptionError(f"{option} needs a certificate; pass --ssl-certfile as well.")


def _load_certificate(context: ssl.SSLContext, config: ServerConfig, certfile: str) -> None:
    # As a function, so that a missing password never makes OpenSSL ask on the terminal.
    password = config.ssl_keyfile_password or ""
    try:
        context.load_cert_chain(certfile, config.ssl_keyfile, lambda: password)
    except (OSError, ValueError) as exc:
        files = certfile
        if config.ssl_keyfile is not None:
            files += f" and {config.ssl_keyfile}"
        raise OptionError(
            f"cannot load the TLS certificate from {files} ({exc}); check --ssl-certfile, "
            "--ssl-keyfile and --ssl-keyfile-password."
        ) from exc


def _load_clients(context: ssl.SSLContext, config: ServerConfig) -> None:
    """Ask clients for a certificate; whose, and whether they need one."""
    if config.ssl_ca_certs is None:
        if config.ssl_cert_reqs != ssl.CERT_NONE:
            raise OptionError(
                "--ssl-cert-reqs needs to know whose certificates to believe; "
                "pass --ssl-ca-certs as well."
            )
        return
    try:
        context.load_verify_locations(config.ssl_ca_certs)
    except (OSError, ValueError) as exc:
        raise OptionError(
            f"cannot load certificates from {config.ssl_ca_certs} ({exc}); check --ssl-ca-certs."
        ) from exc
    context.verify_mode = ssl.VerifyMode(config.ssl_cert_reqs)


class TlsFacts:
    """Makes the `tls` extension for the connections of one server."""

    __slots__ = ("_certificate", "_suites")

    def __init__(self, context: ssl.SSLContext, certfile: str) -> None:
        self._certificate = first_certificate(certfile)
        # The last two bytes of OpenSSL's numbers are those of the RFCs.
        self._suites = {one["name"]: one["id"] & 0xFFFF for one in context.get_ciphers()}

    def of(self, transport: "asyncio.BaseTransport") -> dict[str, Any]:
        """What the scopes of this connection have as `tls`."""
        channel = transport.get_extra_info("ssl_object")
        cipher = channel.cipher()
        return {
            "server_cert": self._certificate,
            "client_cert_chain": _chain(channel),
            "client_cert_name": _name(channel),
            "client_cert_error": None,
            "tls_version": _VERSIONS.get(channel.version()),
            "cipher_suite": self._suites.get(cipher[0]) if cipher is not None else None,
        }


def first_certificate(certfile: str) -> str | None:
    """The server's own certificate of a chain, as PEM; None where the file has no text of one."""
    try:
        found = _CERTIFICATE.search(Path(certfile).read_text("ascii", "replace"))
    except OSError:
        return None
    return found[0] if found is not None else None


def distinguished_name(subject: Iterable[Iterable[tuple[str, str]]]) -> str:
    """A subject as the ssl module has it, in one string (RFC 4514 section 2)."""
    names = [
        "+".join(f"{_ATTRIBUTES.get(name, name)}={_escaped(value)}" for name, value in part)
        for part in subject
    ]
    return ",".join(reversed(names))


def _escaped(value: str) -> str:
    """RFC 4514 section 2.4."""
    escaped = "".join(
        f"\\{char}" if char in _SPECIAL else "\\00" if char == "\0" else char for char in value
    )
    if escaped[:1] in (" ", "#"):
        escaped = "\\" + escaped
    # One blank alone is the first and the last.
    if len(value) > 1 and value.endswith(" "):
        escaped = escaped[:-1] + "\\ "
    return escaped


def _chain(channel: Any) -> list[str]:
    """The certificates of the client, its own first; no others before Python 3.13."""
    whole = getattr(channel, "get_unverified_chain", None)
    if whole is not None:
        found = whole()
    else:
        own = channel.getpeercert(binary_form=True)
        found = [own] if own else []
    return [ssl.DER_cert_to_PEM_cert(one) for one in found]


def _name(channel: Any) -> str | None:
    facts = channel.getpeercert()
    return distinguished_name(facts["subject"]) if facts else None
