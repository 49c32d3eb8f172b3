"""Tokens."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body.json_tree import JsonLines
from asgitrace.views.body.jwt import RENDERER, WARNING, decode_jwt, render
from asgitrace.views.body.jwt_token import time_of, token_note
from asgitrace.views.body.model import CannotRender, Rating
from asgitrace.views.body.values import ValueLines
from tests.views.body.rendered import rate, rendered, sample_of, shown_or_refused
from tests.views.drawn import drawn


def part(value: Any) -> str:
    """JSON, or text as it is, in base64 without padding."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def token(header: Any, claims: Any, signature: str = "c2ln") -> str:
    return f"{part(header)}.{part(claims)}.{signature}"


CLAIMS = {"sub": "42", "iss": "me", "exp": 1_700_000_000, "iat": 1.6e9, "nbf": "soon", "x": [1]}
TOKEN = token({"alg": "HS256"}, CLAIMS)


def test_takes_a_token_apart() -> None:
    found = decode_jwt(TOKEN)
    assert found is not None
    assert found.header == {"alg": "HS256"}
    assert found.claims == CLAIMS
    assert found.signature == 3
    assert found.times == {"exp": "2023-11-14T22:13:20Z", "iat": "2020-09-13T12:26:40Z"}
    assert found.summary == (
        f"{WARNING}: HS256 · iss me · sub 42 · expires 2023-11-14T22:13:20Z"
        " · issued 2020-09-13T12:26:40Z"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "eyJ", "a.b.c", TOKEN + "x.", TOKEN + "=", f"Bearer {TOKEN}", part([1]) + ".e30.x",
        "eyJ.e30.", part({}) + ".A.", part({"a": 1}) + ".e30.A", TOKEN + "a" * 70_000,
        "eyJhIjoxfQ.A.c2ln",
    ],
)  # fmt: skip
def test_what_is_no_token(text: str) -> None:
    assert decode_jwt(text) is None


@settings(max_examples=50)
@given(st.text() | st.from_regex(r"\AeyJ[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}\Z"))
def test_any_text_is_decoded_or_not(text: str) -> None:
    decode_jwt(text)
    data = text.encode("utf-8", "surrogatepass")
    RENDERER.rate(sample_of(data))
    shown_or_refused(render, data)


@pytest.mark.parametrize("value", [True, None, "1", -1, 10**11, float("nan"), float("inf")])
def test_what_is_no_time(value: Any) -> None:
    assert time_of(value) == ""


def test_shows_a_body_that_is_a_token() -> None:
    assert rendered(RENDERER, f" {TOKEN}\n".encode()) == [
        " JWT, decoded, NOT verified  (3 bytes of signature)",
        " ▾ {",
        '   ▾ "header": {',
        '       "alg": "HS256"',
        "     }",
        '   ▾ "claims": {',
        '       "sub": "42"  subject',
        '       "iss": "me"  issuer',
        '       "exp": 1700000000  2023-11-14T22:13:20Z, expires',
        '       "iat": 1600000000.0  2020-09-13T12:26:40Z, issued',
        '       "nbf": "soon"  not before',
        '     ▾ "x": [',
        "         1",
        "       ]",
        "     }",
        "   }",
    ]


def test_shows_the_tokens_in_a_body() -> None:
    shown = rendered(RENDERER, json.dumps({"access_token": TOKEN, "no": "eyJ.x.y"}).encode())
    assert shown[0] == " at character 19"
    many = rendered(RENDERER, b" ".join([TOKEN.encode()] * 30))
    assert "more than 20 tokens" in many[-1]


def test_a_token_among_values_has_a_note() -> None:
    shown = drawn(ValueLines({"token": TOKEN, "no": "eyJ.x.y"}), 200)
    assert "…  JWT, decoded, NOT verified: HS256 · iss me · sub 42" in shown[1]
    assert token_note("plain") == ""
    assert token_note("Bearer plain") == ""
    assert token_note(f"Bearer {TOKEN}") == token_note(TOKEN) != ""
    tree = drawn(JsonLines(json.dumps({"token": TOKEN})), 200)
    assert "…  JWT, decoded, NOT verified: HS256 · iss me · sub 42" in tree[1]
    odd = decode_jwt(token({"alg": [[]]}, {"sub": 10**30}))
    assert odd is not None
    assert odd.summary == f"{WARNING}: of an odd type · sub of an odd type"
    assert shown[2] == '     "no": "eyJ.x.y"'


def test_says_what_cannot_be_read_or_trusted() -> None:
    unsigned = rendered(RENDERER, token({"alg": "none"}, "not JSON \x1b", "").encode())
    assert "no signature: anybody could have written it" in unsigned[0]
    assert any('"claims": <6e 6f 74' in line for line in unsigned)
    encrypted = rendered(RENDERER, f"{part({'enc': 'A128GCM'})}.a.b.c.d".encode())
    assert "encrypted: its claims cannot be read" in encrypted[0]
    found = decode_jwt(f"{part({})}.a.b.c.d")
    assert found is None or found.summary == f"{WARNING}: no alg · encrypted"
    with pytest.raises(CannotRender, match="no token"):
        render(b"eyJ", sample_of(b""))


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (TOKEN.encode(), "text/plain", Rating.EXACT),
        (b"x", "application/jwt", Rating.NAMED),
        (TOKEN.encode() + b"!" * 5_000, "", Rating.ABLE),
        (f'{{"token": "{TOKEN}"}}'.encode(), "application/json", Rating.ABLE),
        (b"eyJ.x", "", Rating.NO),
    ],
    ids=["token", "named", "long", "inside", "none"],
)
def test_is_chosen_by_type_and_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating


def test_a_long_token_is_known_by_its_start() -> None:
    data = token({"alg": "RS256"}, {"x": "y" * 5_000}).encode()
    assert rate(RENDERER, data) is Rating.LIKELY
