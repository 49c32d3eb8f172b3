import ssl
from pathlib import Path

import pytest
import trustme

from asgitrace.errors import OptionError
from asgitrace.server import ServerConfig, load_tls


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
