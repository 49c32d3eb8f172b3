import pickle
import random
from typing import Any

import pytest

from asgitrace.errors import FilterError, OptionError
from asgitrace.sampling import sampler

HTTP: Any = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/api/items",
    "query_string": b"page=2",
    "headers": [(b"accept", b"application/json")],
    "client": ("127.0.0.1", 51234),
    "server": ("127.0.0.1", 8000),
}
WEBSOCKET: Any = {key: HTTP[key] for key in HTTP if key != "method"} | {"type": "websocket"}
LIFESPAN: Any = {"type": "lifespan"}


@pytest.mark.parametrize("sample", [1, 1.0, "1", "100%", " 1.0 "])
def test_all_need_no_sampler(sample: Any) -> None:
    assert sampler(sample) is None


@pytest.mark.parametrize("sample", [0, "0", "0%"])
def test_none_but_the_lifespan(sample: Any) -> None:
    chosen = sampler(sample)
    assert chosen is not None
    assert not any(chosen(HTTP) for _ in range(100))
    assert chosen(LIFESPAN)


@pytest.mark.parametrize("sample", [0.5, "0.5", "50%"])
def test_a_share(sample: Any) -> None:
    chosen = sampler(sample)
    assert chosen is not None
    # The odds of as few or as many as to fail are below one in 10^30.
    assert 200 < sum(chosen(HTTP) for _ in range(1000)) < 800
    assert all(chosen(LIFESPAN) for _ in range(100))


def test_the_app_s_random_numbers_are_its_own() -> None:
    random.seed(5)
    expected = random.random()
    random.seed(5)
    chosen = sampler(0.5)
    assert chosen is not None
    chosen(HTTP)
    assert random.random() == expected


@pytest.mark.parametrize("sample", [-0.1, 1.5, "2", "101%", "nan", "-inf"])
def test_what_is_no_share(sample: Any) -> None:
    with pytest.raises(OptionError, match="choose from 0 to 1"):
        sampler(sample)


@pytest.mark.parametrize(
    ("text", "http", "websocket"),
    [
        ("path:/api -path:/health", True, True),
        ("-path:/api", False, False),
        ("method=GET", True, False),
        ("type=ws or query:page=3", False, True),
        ("client=127.0.0.1 server:8000 scheme=http http.version=1.1", True, True),
        ('route="/api/items"', True, True),
        ("req.header.accept:json", True, True),
        ("req.header.accept:html", False, False),
    ],
)
def test_a_filter(text: str, http: bool, websocket: bool) -> None:
    chosen = sampler(text)
    assert chosen is not None
    for _ in range(2):
        assert chosen(HTTP) is http
        assert chosen(WEBSOCKET) is websocket
        assert chosen(LIFESPAN)


def test_answers_are_not_kept_without_end() -> None:
    chosen = sampler("path:/7")
    assert chosen is not None
    for number in range(5_000):
        assert chosen({**HTTP, "path": f"/{number}"}) is str(number).startswith("7")
    assert not chosen({**HTTP, "path": "/" + "x" * 10_000})


def test_a_scope_with_anything_in_it_is_asked_all_the_same() -> None:
    chosen = sampler("path:/api")
    assert chosen is not None
    assert not chosen({**HTTP, "path": ["/api"]})


@pytest.mark.parametrize("text", ["status=5xx", "path:/api dur>1s", "header.accept:json", "mark"])
def test_a_filter_that_asks_for_what_comes_later(text: str) -> None:
    with pytest.raises(FilterError, match="not known when the app is called; sampling can ask for"):
        sampler(text)


def test_a_filter_that_cannot_be_read() -> None:
    with pytest.raises(FilterError):
        sampler("path:(")


@pytest.mark.parametrize("sample", [0.0, "path:/nowhere"])
def test_it_can_be_sent_to_another_process(sample: Any) -> None:
    chosen = pickle.loads(pickle.dumps(sampler(sample)))
    assert not chosen(HTTP)
    assert chosen(LIFESPAN)
