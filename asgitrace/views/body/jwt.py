"""Bodies that are JSON Web Tokens, or have some in them: decoded and never verified."""

import re
from typing import Any, Final

from asgitrace.views.body.jwt_token import (
    NAMES,
    PART,
    TIMES,
    TOKEN,
    WARNING,
    Jwt,
    decode_jwt,
    time_of,
)
from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import Pairs, Tagged, ValueLines
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Lines, Stack

__all__ = ["RENDERER", "WARNING", "Jwt", "decode_jwt", "jwt_lines", "render"]

_MOST: Final = 20
"""Tokens that are looked for in one body."""

_TOKEN_BYTES: Final = re.compile(TOKEN.pattern.encode("ascii"))
_BEGUN: Final = re.compile(rf"eyJ{PART}++(?:\.{PART}*+)*+".encode("ascii"))


def jwt_lines(token: Jwt) -> Lines:
    """A token: its header and claims, and what they mean."""
    if token.encrypted:
        signed = "encrypted: its claims cannot be read"
    elif token.signature:
        signed = f"{token.signature:,} bytes of signature"
    else:
        signed = "no signature: anybody could have written it"
    values: list[tuple[str, Any]] = [("header", token.header)]
    if not token.encrypted:
        values.append(("claims", _explained(token.claims)))
    return Stack(
        [
            FieldLines([Field(f"JWT, {WARNING}  ({signed})", style="warn", heading=True)]),
            ValueLines(Pairs(list(values))),
        ]
    )


def _explained(claims: Any) -> Any:
    """The claims with notes to those that everybody has."""
    if not isinstance(claims, dict):
        return claims
    return Pairs([(name, _noted(name, value)) for name, value in claims.items()])


def _noted(name: str, value: Any) -> Any:
    time = time_of(value) if name in TIMES else ""
    words = ", ".join(word for word in (time, NAMES.get(name, "")) if word)
    return Tagged("", value, words) if words else value


def render(data: bytes, sample: Sample) -> Lines:
    """The token that a body is, or those that are in it. Raises CannotRender without any."""
    text = data.decode("utf-8", "replace")
    parts: list[Lines] = []
    for found in TOKEN.finditer(text):
        token = decode_jwt(found[0])
        if token is None:
            continue
        if len(parts) >= 2 * _MOST:
            parts.append(FieldLines([heading(f"more than {_MOST} tokens")]))
            break
        if found[0] != text.strip():
            parts.append(FieldLines([heading(f"at character {found.start() + 1:,}")]))
        parts.append(jwt_lines(token))
    if not parts:
        raise CannotRender("there is no token in it")
    return Stack(parts)


def _rate(sample: Sample) -> Rating:
    text = sample.start.strip()
    if sample.media_type == "application/jwt":
        return Rating.NAMED
    if text.startswith(b"eyJ"):
        complete = _TOKEN_BYTES.fullmatch(text) and sample.size == len(sample.start)
        if complete and decode_jwt(text.decode("ascii")):
            return Rating.EXACT
        if sample.size > len(sample.start) and _BEGUN.fullmatch(text):
            return Rating.LIKELY
    return Rating.ABLE if _TOKEN_BYTES.search(sample.start) else Rating.NO


RENDERER: Final = Renderer("JWT", _rate, whole(render))
