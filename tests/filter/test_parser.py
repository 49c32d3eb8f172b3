"""Reading filters: what they mean, and what is said of those that cannot be read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asgitrace.errors import FilterError
from asgitrace.filter import compile_filter, quote
from asgitrace.filter.parser import DEEPEST, LONGEST, parse
from asgitrace.filter.syntax import (
    Among,
    And,
    Bare,
    Compare,
    Count,
    Form,
    Node,
    Not,
    Or,
    Quantified,
    Span,
    Value,
    write,
)
from asgitrace.filter.syntax import Sequence as Steps
from tests.filter.traces import FILTERS


def word(text: str) -> Value:
    return Value(text)


A, B, C = (Bare(word(name)) for name in "abc")
DISCONNECT = Compare("ev", "=", word("http.disconnect"))
BODY = Compare("ev", "=", word("http.response.body"))

READ: list[tuple[str, Node]] = [
    ("a", A),
    ("a b", And((A, B))),
    ("a and b", And((A, B))),
    ("a && b AND c", And((A, B, C))),
    ("a or b", Or((A, B))),
    ("a b or c", Or((And((A, B)), C))),
    ("a || b c", Or((A, And((B, C))))),
    ("(a or b) c", And((Or((A, B)), C))),
    ("-a", Not(A)),
    ("not !-a", Not(Not(Not(A)))),
    ("a -b", And((A, Not(B)))),
    ("a!b", And((A, Not(B)))),
    ('"a b"', Bare(Value("a b", Form.STRING))),
    ("'it''s'", And((Bare(Value("it", Form.STRING)), Bare(Value("s", Form.STRING))))),
    ("/api/v1", Bare(word("/api/v1"))),
    ("in", Bare(word("in"))),
    ("any order android", And((Bare(word("any")), Bare(word("order")), Bare(word("android"))))),
    ("status=5xx or exc", Or((Compare("status", "=", word("5xx")), Bare(word("exc"))))),
    ("status==404", Compare("status", "=", word("404"))),
    ("dur > 500ms", Compare("dur", ">", word("500ms"))),
    ("path:/api/{id}?a=1,2", Compare("path", ":", word("/api/{id}?a=1,2"))),
    (r'ws.text:"say \"hi\"\n\x41\u00e9\\"', Compare(
        "ws.text", ":", Value('say "hi"\nAé\\', Form.STRING))),
    (
        "path:/api method in {POST,PUT} dur>500ms",
        And((
            Compare("path", ":", word("/api")),
            Among("method", (word("POST"), word("PUT"))),
            Compare("dur", ">", word("500ms")),
        )),
    ),
    (
        r'type=ws ws.dir=in ws.text~/"op":\s*"sub/',
        And((
            Compare("type", "=", word("ws")),
            Compare("ws.dir", "=", word("in")),
            Compare("ws.text", "~", Value(r'"op":\s*"sub', Form.REGEX)),
        )),
    ),
    (r"path~/a\/b c/i", Compare("path", "~", Value("a/b c", Form.REGEX, "i"))),
    ("path~api", Compare("path", "~", word("api"))),
    ("path!~/a/", Compare("path", "!~", Value("a", Form.REGEX))),
    (
        "close.code in {1006, 1011 ,1012} close.by!=client",
        And((
            Among("close.code", (word("1006"), word("1011"), word("1012"))),
            Compare("close.by", "!=", word("client")),
        )),
    ),
    ("wait.backpressure>100ms", Compare("wait.backpressure", ">", word("100ms"))),
    (
        "seq(ev=http.disconnect -> ev=http.response.body)",
        Steps((DISCONNECT, BODY)),
    ),
    ("seq(ev=http.disconnect->ev=http.response.body within 2s)",
     Steps((DISCONNECT, BODY), word("2s"))),
    ("SEQ (a -> b or c -> c)", Steps((A, Or((B, C)), C))),
    (
        "count(ev=http.response.body)>100 mime:event-stream",
        And((Count(BODY, ">", word("100")), Compare("mime", ":", word("event-stream")))),
    ),
    (
        "is:open idle>30s",
        And((Compare("is", ":", word("open")), Compare("idle", ">", word("30s")))),
    ),
    (
        "req.header.authorization -path:/health",
        And((Bare(word("req.header.authorization")), Not(Compare("path", ":", word("/health"))))),
    ),
    ("any(a b) or not ALL(c)", Or((Quantified("any", And((A, B))), Not(Quantified("all", C))))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), READ, ids=[text for text, _ in READ])
def test_read(text: str, tree: Node) -> None:
    assert parse(text) == tree
    assert parse(write(tree)) == tree


ISSUE = (
    "status=5xx or exc",
    "path:/api method in {POST,PUT} dur>500ms",
    r'type=ws ws.dir=in ws.text~/"op":\s*"sub/',
    "close.code in {1006,1011,1012} close.by!=client",
    "wait.backpressure>100ms",
    "seq(ev=http.disconnect -> ev=http.response.body)",
    "count(ev=http.response.body)>100 mime:event-stream",
    "is:open idle>30s",
    "req.header.authorization -path:/health",
)


@pytest.mark.parametrize("text", ISSUE)
def test_examples_compile(text: str) -> None:
    assert compile_filter(text).text == text


TERM = "a field, word or ("
WRONG = [
    ("", 0, 1, TERM),
    ("   ", 0, 1, TERM),
    ("a or", 4, 1, TERM),
    ("not", 3, 1, TERM),
    ("=3", 0, 1, TERM),
    ("(a", 2, 1, ")"),
    ("a)", 1, 1, "another term or the end (no bracket is open)"),
    ("path:/a -> b", 8, 2, "another term or the end (-> has its place in seq( ) only)"),
    ("status=", 7, 1, "a value"),
    ("status= ", 8, 1, "a value"),
    ("a in {", 6, 1, "a value"),
    ("a in {1,}", 8, 1, "a value"),
    ("a in {1", 7, 1, ", or }"),
    ("a in b", 5, 1, "{ (as in {1, 2})"),
    ("count(a)", 8, 1, "an operator"),
    ("count(a) b", 9, 1, "an operator"),
    ("seq(a)", 5, 1, "->"),
    ("seq(a -> b within", 17, 1, "a value"),
    ('path:"abc', 5, 4, "the quote that ends the text"),
    ("path:'abc", 5, 4, "the quote that ends the text"),
    (
        "path~/abc",
        5,
        4,
        r"the slash that ends the regular expression (one within it is written \/)",
    ),
    (
        "path~/a/b/",
        5,
        5,
        r"the slash that ends the regular expression (one within it is written \/)",
    ),
    (r'path:"a\q"', 7, 2, r"one of \" \\ \n \r \t \x41 \u0041"),
    ("stauts=5", 0, 6, "a field such as status"),
    ("xyzzy42=5", 0, 7, "a field, or a text in quotes"),
    ("req.header.=5", 0, 11, "a field such as req.header.NAME"),
    ("dur>5", 4, 1, "a duration such as 5ms or 5s"),
    ("dur>5parsecs", 4, 8, "a duration such as 200ms, 1.5s or 2m"),
    ('dur>"5s"', 4, 4, "a duration such as 200ms, 1.5s or 2m"),
    ("size>big", 5, 3, "a size such as 512, 64k or 1.5M"),
    ("events>1.5", 7, 3, "a whole number"),
    ("status>4xx", 7, 3, "a status such as 404 (a class has = before it)"),
    ("status=6xxxx", 7, 5, "a status such as 404, or a class such as 4xx"),
    ("type=webs", 5, 4, "one of http, ws, lifespan, other, process"),
    ("type in {ws,webs}", 12, 4, "one of http, ws, lifespan, other, process"),
    ("path>5", 4, 1, "one of : = != ~ !~"),
    ("dur~/5/", 3, 1, "one of > >= < <= = != :"),
    ("mark=1", 4, 1, "no operator: the field has no values"),
    ("path~/(a/", 5, 4, "a regular expression"),
    ("path~/a/q", 5, 4, "one of the flags i, s, m, x"),
    ("count(a)>many", 9, 4, "a whole number"),
    ("seq(a -> b within 5)", 18, 1, "a duration such as 5ms or 5s"),
]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("is:eror", "did you mean error?"),
        ("type=get", "one of http, ws,"),
        ("status=>500", "the operator >="),
        ("size=<5", "the operator <="),
        ("status<>500", "the operator !="),
        ("id=~5", "the operator ~"),
        ("status=200..299", "a term with >= and another"),
        ("duration>5s", "did you mean dur?"),
        ("host=shop", "did you mean header.host?"),
        ("user-agent:curl", "did you mean header.user-agent?"),
        ("mark=yes", "stands alone"),
    ],
)
def test_what_was_meant(text: str, told: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(("text", "position", "length", "expected"), WRONG)
def test_wrong(text: str, position: int, length: int, expected: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    error = caught.value
    assert (error.position, error.length, error.expected) == (position, length, expected)
    assert str(error).endswith((".", "?"))


def test_positions_are_kept() -> None:
    tree = parse("a  status != 404")
    assert isinstance(tree, And)
    term = tree.parts[1]
    assert isinstance(term, Compare)
    assert (term.span, term.operator_span, term.value.span) == (
        Span(3, 6),
        Span(10, 2),
        Span(13, 3),
    )


TEXTS = st.text(max_size=8) | st.text("/\\ia\"'{} ->", min_size=1, max_size=6)


@given(FILTERS)
def test_written_and_read(tree: Node) -> None:
    assert parse(write(tree)) == tree


@given(TEXTS)
@example("\U0001f600\x00\x9f\\")
def test_quoted_values_are_read_as_they_are(text: str) -> None:
    for term in (f"path={quote(text)}", f"path:{quote(text)}"):
        tree = parse(term) if text else None
        assert tree is None or (isinstance(tree, Compare) and tree.value.text == text)
    tree = parse(f"path in {{{quote(text)}, x}}")
    assert isinstance(tree, Among)
    assert tree.values[0].text == text


@given(st.text(max_size=40) | st.text('ab=:~/"\\(){}<>!-, in', max_size=40))
def test_anything_is_read_or_refused(text: str) -> None:
    error = None
    try:
        tree = parse(text)
    except FilterError as caught:
        error = caught
    else:
        assert parse(write(tree)) == tree
    assert error is None or 0 <= error.position <= len(text)
    assert error is None or (error.length and error.expected)


@pytest.mark.parametrize(
    "text",
    [
        "(" * (LONGEST // 2),
        "-" * 9_000 + "a",
        "any(" * 2_000 + "a" + ")" * 2_000,
        "a" * 1_000_000,
        "a or " * 200_000,
        "(" * (DEEPEST + 1) + "not " * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1),
    ],
    ids=["open", "minus", "any", "long", "wide", "limit"],
)
def test_hostile_filters_are_refused(text: str) -> None:
    with pytest.raises(FilterError):
        compile_filter(text)


def test_wide_filters_are_read() -> None:
    assert parse("(" * 4_000 + "a" + ")" * 4_000) == A
    tree = parse("a " * (LONGEST // 2))
    assert isinstance(tree, And)
    assert len(tree.parts) == LONGEST // 2
