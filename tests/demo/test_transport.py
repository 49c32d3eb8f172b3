import pytest

from asgitrace.demo.transport import Target
from asgitrace.errors import AddressError


@pytest.mark.parametrize(
    ("url", "target", "authority"),
    [
        ("http://127.0.0.1:8000", Target("127.0.0.1", 8000), "127.0.0.1:8000"),
        ("http://127.1.2.3:81/", Target("127.1.2.3", 81), "127.1.2.3:81"),
        ("http://localhost", Target("localhost", 80), "localhost:80"),
        ("http://[::1]:8000", Target("::1", 8000), "[::1]:8000"),
    ],
)
def test_loopback(url: str, target: Target, authority: str) -> None:
    assert Target.from_url(url) == target
    assert target.authority == authority


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://192.0.2.1:8000", "is not this machine"),
        ("http://0.0.0.0:8000", "is not this machine"),
        ("http://localhost.example.org", "is not this machine"),
        ("http://127.0.0.1@example.org", "is not this machine"),
        ("https://127.0.0.1", "is no http URL"),
        ("127.0.0.1:8000", "is no http URL"),
        ("http://:8000", "is no http URL"),
        ("http://127.0.0.1:99999", "cannot be read"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_refused(url: str, reason: str) -> None:
    with pytest.raises(AddressError, match=reason):
        Target.from_url(url)
