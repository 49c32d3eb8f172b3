"""GraphQL requests."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body.graphql import RENDERER, render
from asgitrace.views.body.graphql_text import LONGEST, GraphqlLines
from asgitrace.views.body.model import CannotRender, Rating
from tests.views.body.rendered import everywhere, rate, rendered, sample_of, shown_or_refused
from tests.views.drawn import drawn

QUERY = (
    "query GetUser($id: ID!, $n: Int = -5) { user(id: $id) { id, name friends(first: $n, where: "
    '{a: [1, "x}"]}) @include(if: true) { ...F alias: on ... on Admin { x } } } } '
    "fragment F on User { a }"
)


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_lays_a_document_out() -> None:
    data = body({"query": QUERY, "variables": {"id": "42"}, "extensions": {}, "trace": 1})
    assert rendered(RENDERER, data) == [
        " operation  GetUser  (query)",
        "   query GetUser($id: ID!, $n: Int = -5) {",
        "     user(id: $id) {",
        "       id,",
        "       name",
        '       friends(first: $n, where: { a: [1, "x}"] }) @include(if: true) {',
        "         ...F",
        "         alias: on",
        "         ... on Admin {",
        "           x",
        "         }",
        "       }",
        "     }",
        "   }",
        "   fragment F on User {",
        "     a",
        "   }",
        " variables",
        " ▾ {",
        '     "id": "42"',
        "   }",
        " besides",
        " ▾ {",
        '     "trace": 1',
        "   }",
    ]


def test_keeps_the_lines_of_a_document_that_has_some() -> None:
    text = 'query {\n  # a comment\n  a(b: """one\n  two""")\n}\n\n'
    shown = rendered(RENDERER, body({"query": text, "operationName": "Named"}))
    assert shown == [
        " operation  Named",
        "   query {",
        "     # a comment",
        '     a(b: """one',
        '     two""")',
        "   }",
    ]
    lines = GraphqlLines("{ a # no more\n}")
    assert lines.text(0) == "{ a # no more"


def test_shows_what_comes_without_a_document_and_in_batches() -> None:
    persisted = {"extensions": {"persistedQuery": {"version": 1}}}
    batch = [{"query": "{a}"}, 5, {"type": "subscribe", "payload": {"query": "subscription{b}"}}]
    shown = rendered(RENDERER, body([*batch, persisted]))
    assert [line for line in shown if "of 3" in line] == [" 1 of 3", " 2 of 3", " 3 of 3"]
    assert " operation  without a name" in shown
    assert " operation  persisted: the document was not sent" in shown
    assert rendered(RENDERER, body([{"query": "{a}"}] * 60))[-1] == " only 50 are shown"


def test_shows_a_document_by_its_type() -> None:
    data = b"mutation Do { it }"
    assert rendered(RENDERER, data, sample_of(data, "application/graphql"))[:2] == [
        " operation  Do  (mutation)",
        "   mutation Do {",
    ]


@pytest.mark.parametrize("data", [b"{", b'{"query": 5}', b'{"query": "SELECT 1"}', b"[" * 100_000])
def test_refuses_what_is_none(data: bytes) -> None:
    with pytest.raises(CannotRender):
        render(data, sample_of(data))


PIECES = (
    "{",
    "}",
    '"',
    '"""',
    "#",
    "a",
    "...",
    "on",
    "(",
    ")",
    "[",
    "]",
    "\n",
    "\r",
    " ",
    ",",
    "$v",
)
ODD = ("@d", "-1.5e3", "\x1b", "\u2028", "é")


@settings(max_examples=50)
@given(st.text() | st.lists(st.sampled_from(PIECES + ODD)).map("".join))
def test_any_document_is_laid_out(text: str) -> None:
    everywhere(GraphqlLines(text))
    data = body({"query": "query" + text})
    RENDERER.rate(sample_of(data))
    shown_or_refused(render, data)


def test_nothing_is_too_deep_or_too_long() -> None:
    lines = GraphqlLines("{a" * 20_000)
    assert len(lines) == 20_001
    assert drawn(lines)[-1].strip() == "a"
    long = body({"query": "{ a }" + " " * LONGEST})
    assert rendered(RENDERER, long)[1] == " { a }"


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (body({"query": "{ a }"}), "application/json", Rating.EXACT),
        (body([{"query": "\n # c\n query A { a }"}]), "", Rating.EXACT),
        (body({"query": "shoes"}), "application/json", Rating.NO),
        (b"{ a }", "application/graphql", Rating.NAMED),
        (b"{ a }", "", Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
