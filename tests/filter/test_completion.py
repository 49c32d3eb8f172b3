"""What is proposed while a filter is typed."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.filter import FIELDS, Completion, complete
from asgitrace.filter.completion import LOOKED_AT, MOST
from asgitrace.filter.fields.model import Field
from asgitrace.store import Annotation, Store
from tests.store.playbook import Tape, store_of


@pytest.fixture(scope="module")
def store() -> Store:
    tape = Tape()
    for exchange, path in enumerate(("/shop", "/api/items", "/api/shop", "/say hi"), start=1):
        tape.scope(exchange, exchange * 100, method="BREW", path=path).end(exchange, 9_000)
    found = store_of(tape)
    found.annotations.put(1, Annotation(tags=("later",)))
    return found


def texts(text: str, store: Store | None = None, cursor: int | None = None) -> list[str]:
    found = complete(text, len(text) if cursor is None else cursor, store)
    return [each.text for each in found]


def put(text: str, chosen: Completion) -> str:
    return text[: chosen.start] + chosen.text + text[chosen.end :]


def test_fields() -> None:
    assert texts("")[:2] == ["method", "path"]
    assert texts("stat") == ["status", "wire.status"]
    assert texts("a or DU") == ["dur"]
    assert texts("si")[0] == "size"
    assert "req.size" in texts("si")
    assert texts("any(ws.") == ["ws.text", "ws.opcode", "ws.dir", "ws.len"]
    assert texts("-mar") == ["mark"]
    assert texts("req.header.auth")[0] == "req.header.authorization"


def test_quantifiers_and_words() -> None:
    assert texts("seq") == ["seq("]
    assert texts("path an")[-1] == "and"
    assert "or" in texts("path o")
    assert "or" not in texts("o")
    assert texts("any(ev=scope ")[0] == ")"
    assert texts("seq(ev=scope ")[:1] == [" -> "]


def test_operators() -> None:
    assert texts("status")[:3] == ["=", "!=", ">"]
    assert texts("path ")[:2] == [":", "="]
    assert " in {" in texts("method")
    assert texts("mark ")[0] == "method"
    assert texts("nothing ")[0] == "method"


def test_values_that_a_field_knows() -> None:
    assert texts("is:o")[0] == "open"
    assert texts("type=")[:2] == ["http", "ws"]
    assert texts("pending in {re") == ["receive"]
    assert texts("ev:disc") == ["http.disconnect", "websocket.disconnect"]
    assert texts("dur>5") == ["500ms", "5s"]
    assert texts("req.header.host:") == []
    assert texts("path~/a") == []
    assert texts("count(ev)>") == []


def test_values_seen(store: Store) -> None:
    assert texts("path:/api", store) == ["/api/shop", "/api/items"]
    assert texts("path:shop", store) == ["/api/shop", "/shop"]
    assert texts("path=/say", store) == ['"/say hi"']
    assert texts('path="/say', store) == ['"/say hi"']
    assert texts("method=B", store) == ["BREW"]
    assert texts("method in {GET, B", store) == ["BREW"]
    assert texts("tag:", store) == ["later"]


def test_what_is_replaced(store: Store) -> None:
    text = "method=GE path:/ap is:open"
    [first, *_] = complete(text, 18, store)
    assert put(text, first) == "method=GE path:/api/shop is:open"
    [first, *_] = complete(text, 8, store)
    assert put(text, first) == "method=GET path:/ap is:open"
    [first, *_] = complete("(sta)", 3, store)
    assert put("(sta)", first) == "(status)"
    [first] = complete('path:"/sa', 9, store)
    assert put('path:"/sa', first) == 'path:"/say hi"'


def test_nothing_behind_what_cannot_be_read() -> None:
    for text in ("=", "a) ", "a in b ", r'path:"\q" a', "a" * 20_000):
        assert texts(text) == []


class Seen:
    """Very many paths, of which it is counted how many are asked for."""

    def __init__(self) -> None:
        self.asked = 0

    @property
    def paths(self) -> "Seen":
        return self

    def __reversed__(self) -> Iterator[str]:
        for number in range(1_000_000):
            self.asked += 1
            yield f"/items/{number}"


def test_of_very_many_values_only_some_are_looked_at() -> None:
    seen = Seen()
    assert len(complete("path:/items", 11, seen)) == MOST  # type: ignore[arg-type]
    assert seen.asked <= MOST + 1
    assert complete("path:nowhere", 12, seen) == []  # type: ignore[arg-type]
    assert seen.asked <= LOOKED_AT + MOST + 1


@given(st.text('ab=:~/"\\(){}<>!-, inpathstauseq.', max_size=30), st.integers(0, 30))
def test_never_fails(text: str, cursor: int) -> None:
    cursor = min(cursor, len(text))
    for each in complete(text, cursor, None):
        assert 0 <= each.start <= cursor <= each.end <= len(text)
        assert each.help


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS.keys())
def test_every_field_is_proposed(field: Field) -> None:
    assert field.prefix in texts(field.prefix[:-1])
