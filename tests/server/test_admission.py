import h11
import pytest

from asgitrace.server.admission import must_close, refusal
from asgitrace.server.scope import RequestHead


def request(
    target: str = "/", method: str = "GET", version: str = "1.1", host: str = "a"
) -> h11.Request:
    return h11.Request(method=method, target=target, http_version=version, headers=[("Host", host)])


@pytest.mark.parametrize(
    "good",
    [
        request(),
        request(version="1.0"),
        request(version="1.2"),
        request("*", "OPTIONS"),
        request("http://a/b"),
        request(host="[::1]:8000"),
        request(host="example.com:80"),
        request(host=""),
    ],
)
def test_admitted(good: h11.Request) -> None:
    assert refusal(good, RequestHead.of(good)) is None


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (request(version="2.0"), 505),
        (request(version="9.9"), 505),
        (request("a:80", "CONNECT"), 501),
        (request("foo"), 400),
        (request("*"), 400),
        (request("/a#b"), 400),
        (request(host="a b"), 400),
        (request(host="a/b"), 400),
        (request(host="a:b"), 400),
    ],
)
def test_refused(bad: h11.Request, status: int) -> None:
    refused = refusal(bad, RequestHead.of(bad))

    assert refused is not None
    assert refused.status == status
    assert refused.reason


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("Content-Length", "1")], False),
        ([("Transfer-Encoding", "chunked")], False),
        ([("Content-Length", "1"), ("Transfer-Encoding", "chunked")], True),
    ],
)
def test_both_framing_headers_end_the_connection(
    headers: list[tuple[str, str]], expected: bool
) -> None:
    both = h11.Request(method="POST", target="/", headers=[("Host", "a"), *headers])

    assert must_close(RequestHead.of(both)) is expected
