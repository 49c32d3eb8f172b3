import ssl
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import trustme

from asgitrace.asgi import Receive, Scope, Send
from asgitrace.errors import OptionError
from asgitrace.server import ServerConfig, load_tls
from asgitrace.server.tls import TlsFacts, distinguished_name, first_certificate


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    cert = trustme.CA().issue_cert("localhost")
    cert.private_key_pem.write_to_path(folder / "key.pem")
    for pem in cert.cert_chain_pems:
        pem.write_to_path(folder / "cert.pem", append=True)
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_no_certificate_no_tls() -> None:
    assert load_tls(ServerConfig()) is None


def test_a_certificate_and_its_key(files: tuple[str, str]) -> None:
    context = load_tls(ServerConfig(ssl_certfile=files[0], ssl_keyfile=files[1]))

    assert isinstance(context, ssl.SSLContext)


def test_a_key_alone(files: tuple[str, str]) -> None:
    with pytest.raises(OptionError, match="pass --ssl-certfile"):
        load_tls(ServerConfig(ssl_keyfile=files[1]))


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"missing\.pem .*--ssl-certfile"):
        load_tls(ServerConfig(ssl_certfile=str(tmp_path / "missing.pem")))


def test_not_a_key(files: tuple[str, str]) -> None:
    with pytest.raises(OptionError, match="cannot load the TLS certificate"):
        load_tls(ServerConfig(ssl_certfile=files[0], ssl_keyfile=files[0]))


@pytest.mark.parametrize("option", ["ssl_ca_certs", "ssl_ciphers"])
def test_options_that_need_a_certificate(option: str) -> None:
    with pytest.raises(OptionError, match=r"^--ssl-c[a-z-]+ needs a certificate; .*certfile"):
        load_tls(ServerConfig(**{option: "x"}))  # type: ignore[arg-type]


def test_no_such_cipher(files: tuple[str, str]) -> None:
    with pytest.raises(OptionError, match=r"^no cipher is called 'NONE-SUCH'"):
        load_tls(ServerConfig(ssl_certfile=files[0], ssl_keyfile=files[1], ssl_ciphers="NONE-SUCH"))


def test_whose_certificates_to_believe(files: tuple[str, str]) -> None:
    certfile, keyfile = files
    with pytest.raises(OptionError, match=r"pass --ssl-ca-certs as well\.$"):
        load_tls(ServerConfig(ssl_certfile=certfile, ssl_keyfile=keyfile, ssl_cert_reqs=2))
    with pytest.raises(OptionError, match=r"cannot load certificates from .*key\.pem"):
        load_tls(ServerConfig(ssl_certfile=certfile, ssl_keyfile=keyfile, ssl_ca_certs=keyfile))
    context = load_tls(
        ServerConfig(
            ssl_certfile=certfile, ssl_keyfile=keyfile, ssl_ca_certs=certfile, ssl_cert_reqs=1
        )
    )
    assert context is not None
    assert context.verify_mode is ssl.CERT_OPTIONAL


def test_the_servers_certificate(files: tuple[str, str], tmp_path: Path) -> None:
    found = first_certificate(files[0])
    assert found is not None
    assert Path(files[0]).read_text().startswith(found)
    assert found.count("BEGIN CERTIFICATE") == 1
    assert first_certificate(files[1]) is None
    assert first_certificate(str(tmp_path / "none")) is None


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ((), ""),
        (((("countryName", "GB"),), (("commonName", "a b"),)), "CN=a b,C=GB"),
        (((("commonName", "a"), ("userId", "b")),), "CN=a+UID=b"),
        (((("commonName", "#a,b+c;d"),),), "CN=\\#a\\,b\\+c\\;d"),
        (((("commonName", ' <"\\> '),),), 'CN=\\ \\<\\"\\\\\\>\\ '),
        (((("commonName", " "),),), "CN=\\ "),
        (((("commonName", "a\0"),),), "CN=a\\00"),
        (((("emailAddress", "a@b"),),), "emailAddress=a@b"),
    ],
)
def test_distinguished_names(
    subject: tuple[tuple[tuple[str, str], ...], ...], expected: str
) -> None:
    """RFC 4514 section 2."""
    assert distinguished_name(subject) == expected


def test_the_whole_chain_where_python_tells_it(files: tuple[str, str]) -> None:
    context = load_tls(ServerConfig(ssl_certfile=files[0], ssl_keyfile=files[1]))
    assert context is not None
    der = [ssl.PEM_cert_to_DER_cert(Path(files[0]).read_text())] * 2
    channel = Mock(**{"get_unverified_chain.return_value": der, "cipher.return_value": None})
    channel.getpeercert.return_value = None
    channel.version.return_value = "TLSv9"
    told = TlsFacts(context, files[0]).of(Mock(**{"get_extra_info.return_value": channel}))
    assert told["client_cert_chain"] == [ssl.DER_cert_to_PEM_cert(one) for one in der]
    assert told["tls_version"] is told["cipher_suite"] is told["client_cert_name"] is None


def client_context(authority: trustme.CA, *, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = context.maximum_version = version
    authority.configure_trust(context)
    return context


@pytest.fixture
def pki(tmp_path: Path) -> tuple[trustme.CA, dict[str, str]]:
    """An authority, and the options of a server whose clients may have a certificate of it."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for pem in issued.cert_chain_pems:
        pem.write_to_path(tmp_path / "cert.pem", append=True)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return authority, {
        "ssl_certfile": str(tmp_path / "cert.pem"),
        "ssl_keyfile": str(tmp_path / "key.pem"),
        "ssl_ca_certs": str(tmp_path / "ca.pem"),
    }


async def seen_by_the_app(serving: Any, context: ssl.SSLContext, **options: Any) -> dict[str, Any]:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["extensions"].get("tls"))
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    async with serving(app, **options) as server:
        peer = await server.connect(context)
        await peer.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await peer.head()).status == 204
    found: dict[str, Any] = seen[0]
    return found


@pytest.mark.anyio
async def test_what_the_app_is_told(serving: Any, pki: tuple[trustme.CA, dict[str, str]]) -> None:
    authority, options = pki
    context = client_context(authority, version=ssl.TLSVersion.TLSv1_3)
    told = await seen_by_the_app(serving, context, **options)
    assert told.pop("server_cert").startswith("-----BEGIN CERTIFICATE-----")
    assert told.pop("cipher_suite") in {0x1301, 0x1302, 0x1303}
    assert told == {
        "client_cert_chain": [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": 0x0304,
    }


@pytest.mark.anyio
async def test_a_client_with_a_certificate(
    serving: Any, pki: tuple[trustme.CA, dict[str, str]]
) -> None:
    authority, options = pki
    context = client_context(authority, version=ssl.TLSVersion.TLSv1_2)
    mine = authority.issue_cert("client.example", common_name="me, myself", organization_name="us")
    mine.configure_cert(context)
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256")
    told = await seen_by_the_app(serving, context, **options, ssl_cert_reqs=2)
    assert told["tls_version"] == 0x0303
    assert told["cipher_suite"] in {0xC02F, 0xC02B}
    assert told["client_cert_chain"][0] == mine.cert_chain_pems[0].bytes().decode()
    assert told["client_cert_name"].startswith("CN=me\\, myself,")
    assert told["client_cert_error"] is None


@pytest.mark.anyio
async def test_a_client_without_the_certificate_it_needs(
    serving: Any, pki: tuple[trustme.CA, dict[str, str]]
) -> None:
    authority, options = pki
    context = client_context(authority, version=ssl.TLSVersion.TLSv1_2)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await seen_by_the_app(serving, context, **options, ssl_cert_reqs=2)
