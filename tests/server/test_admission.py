import h11
import pytest

from asgitrace.server.admission import refusal
from asgitrace.server.scope import RequestHead


def request(
    target: str = "/",
    method: str = "GET",
    version: str = "1.1",
    host: str = "a",
    headers: tuple[tuple[str, str], ...] = (),
) -> h11.Request:
    pairs = [("Host", host), *headers]
    return h11.Request(method=method, target=target, http_version=version, headers=pairs)


@pytest.mark.parametrize(
    "good",
    [
        request(),
        request(version="1.0"),
        request(version="1.2"),
        request("*", "OPTIONS"),
        request("*", "OPTIONS", host=""),
        request("http://a/b"),
        request("HTTPS://a:1"),
        request("http://a/b", host=""),
        request("/a%0ab%zz\\"),
        request("/?%00"),
        request(host="[::1]:8000"),
        request(host="[v1.a:b]"),
        request(host="example.com:80"),
        request(method="M-SEARCH"),
        request(headers=(("Expect", "100-Continue"),)),
        request(version="1.0", headers=(("Expect", "x"),)),
    ],
)
def test_admitted(good: h11.Request) -> None:
    assert refusal(good, RequestHead.of(good)) is None


def test_http_1_0_needs_no_host() -> None:
    old = h11.Request(method="GET", target="/", http_version="1.0", headers=[])

    assert refusal(old, RequestHead.of(old)) is None


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (request(version="2.0"), 505),
        (request(version="9.9"), 505),
        (request("a:80", "CONNECT"), 501),
        (request(method="TRACE"), 501),
        (request(method="get"), 501),
        (request(method="A" * 65), 501),
        (request("foo"), 400),
        (request("*"), 400),
        (request("/a#b"), 400),
        (request("/a%00b"), 400),
        (request("ftp://a/"), 400),
        (request("http:///a"), 400),
        (request("http://u@a/"), 400),
        (request("http://a/", host="b c"), 400),
        (request(host=""), 400),
        (request(host=":80"), 400),
        (request(host="a b"), 400),
        (request(host="a,b"), 400),
        (request(host="u@a"), 400),
        (request(host="a/b"), 400),
        (request(host="a:b"), 400),
        (request(host="[-::1]"), 400),
        (request(host="[fe80::1%25eth0]"), 400),
        (request(host="[v1]"), 400),
        (request(headers=(("Expect", "200-ok"),)), 417),
        (request(headers=(("Content_Length", "1"),)), 400),
        (request(headers=(("transfer_encoding", "chunked"),)), 400),
    ],
)
def test_refused(bad: h11.Request, status: int) -> None:
    refused = refusal(bad, RequestHead.of(bad))

    assert refused is not None
    assert refused.status == status
    assert refused.reason
