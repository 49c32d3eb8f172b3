import pytest

from asgitrace.errors import OptionError
from asgitrace.server.forwarded import TrustedPeers, forwarded
from asgitrace.server.scope import Endpoint

PROXY = Endpoint(False, ("127.0.0.1", 9), ("127.0.0.1", 8000))
TRUSTED = TrustedPeers.parse("127.0.0.1, 10.0.0.0/8, ::1")


def seen(
    for_: bytes = b"", proto: bytes = b"", trusted: TrustedPeers = TRUSTED, peer: Endpoint = PROXY
) -> Endpoint:
    headers = [(b"host", b"a"), (b"x-forwarded-for", for_), (b"x-forwarded-proto", proto)]
    return forwarded(peer, headers, trusted)


def test_nothing_forwarded() -> None:
    assert forwarded(PROXY, [], TRUSTED) == PROXY


def test_a_stranger_is_not_believed() -> None:
    stranger = Endpoint(False, ("192.0.2.1", 9), None)

    assert seen(b"1.1.1.1", b"https", peer=stranger) == stranger


@pytest.mark.parametrize(
    ("value", "host"),
    [
        (b"192.0.2.7", "192.0.2.7"),
        (b"6.6.6.6, 192.0.2.7, 10.1.2.3", "192.0.2.7"),
        (b"10.0.0.2, 10.0.0.1", "10.0.0.2"),
        (b"192.0.2.7:4711", "192.0.2.7"),
        (b"[2001:db8::1]:4711", "2001:db8::1"),
        (b"2001:db8::1", "2001:db8::1"),
        (b"unknown, 127.0.0.1", "unknown"),
    ],
)
def test_client(value: bytes, host: str) -> None:
    assert seen(value).client == (host, 0)


def test_several_lines_are_one_list() -> None:
    lines = [(b"x-forwarded-for", value) for value in (b"6.6.6.6, 192.0.2.7", b"10.1.2.3")]

    assert forwarded(PROXY, lines, TRUSTED).client == ("192.0.2.7", 0)


def test_a_star_trusts_every_hop() -> None:
    assert seen(b"6.6.6.6, 7.7.7.7", trusted=TrustedPeers.parse("*")).client == ("6.6.6.6", 0)


@pytest.mark.parametrize(
    ("proto", "secure"), [(b"https", True), (b"WSS ", True), (b"http", False), (b"gopher", False)]
)
def test_scheme(proto: bytes, secure: bool) -> None:
    assert seen(proto=proto).secure is secure


def test_a_peer_on_a_unix_socket_is_trusted() -> None:
    local = Endpoint(False, None, ("/run/app.sock", None))

    assert seen(b"192.0.2.7", peer=local).client == ("192.0.2.7", 0)


def test_a_tcp_peer_without_an_address_is_not_trusted() -> None:
    for server in (("127.0.0.1", 80), None):
        gone = Endpoint(False, None, server)
        assert forwarded(gone, [(b"x-forwarded-for", b"192.0.2.7")], TRUSTED) is gone


def test_a_bad_option_is_named() -> None:
    with pytest.raises(OptionError, match=r"--forwarded-allow-ips.*'nonsense'"):
        TrustedPeers.parse("nonsense")
