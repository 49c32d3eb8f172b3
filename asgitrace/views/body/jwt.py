"""JSON Web Tokens (RFC 7519), decoded and never verified: for that their keys would be needed."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import Pairs, Tagged, ValueLines
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Lines, Stack

WARNING: Final = "decoded, NOT verified"
"""What is said wherever a token is shown."""

LONGEST: Final = 65_536
"""Characters of a token that is taken apart."""

_MOST: Final = 20
"""Tokens that are looked for in one body."""

_PART: Final = r"[A-Za-z0-9_-]"
_TOKEN: Final = re.compile(
    rf"(?<!{_PART})eyJ{_PART}*+\.{_PART}*+\.{_PART}*+(?:\.{_PART}*+\.{_PART}*+)?(?!\.)"
)
"""Signed, or with five parts encrypted; a JSON object in base64 begins like this."""

_TOKEN_BYTES: Final = re.compile(_TOKEN.pattern.encode("ascii"))
_BEGUN: Final = re.compile(rf"eyJ{_PART}++(?:\.{_PART}*+)*+".encode("ascii"))
_TIMES: Final = ("exp", "iat", "nbf", "auth_time", "updated_at")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR: Final = 10**11
"""Seconds up to which a number is taken for a time: the year 5138; milliseconds are larger."""

_NAMES: Final = {
    "iss": "issuer",
    "sub": "subject",
    "aud": "audience",
    "exp": "expires",
    "nbf": "not before",
    "iat": "issued",
    "jti": "token's id",
}
"""Registered claims (RFC 7519, 4.1)."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token taken apart. Nothing in it is to be trusted."""

    header: dict[str, Any]
    claims: Any
    """As decoded from JSON; the bytes where they are none; None where they are encrypted."""
    signature: int
    """Bytes of the signature; 0: there is none."""
    encrypted: bool = False

    @property
    def times(self) -> dict[str, str]:
        """The claims that are times, in UTC: ``exp`` → ``2026-11-21T20:00:00Z``."""
        claims = self.claims if isinstance(self.claims, dict) else {}
        found = {name: time_of(claims[name]) for name in _TIMES if name in claims}
        return {name: time for name, time in found.items() if time}

    @property
    def summary(self) -> str:
        """The token in a few words, not yet cleaned: ``HS256 · sub 42 · expires …``."""
        words = [str(self.header.get("alg", "no alg"))]
        if self.encrypted:
            words.append("encrypted")
        claims = self.claims if isinstance(self.claims, dict) else {}
        words += [f"{name} {claims[name]}" for name in ("iss", "sub") if name in claims]
        words += [f"{_NAMES[name]} {time}" for name, time in self.times.items() if name in _NAMES]
        return " · ".join([*words, WARNING])


def decode_jwt(text: str) -> Jwt | None:
    """The token that a text is; None if it is none. Never raises. ``Bearer`` before it, and white
    space round it, are for the caller to take off."""
    if len(text) > LONGEST or not _TOKEN.fullmatch(text):
        return None
    parts = text.split(".")
    header = _object(parts[0])
    if not isinstance(header, dict):
        return None
    if len(parts) == 5:
        return Jwt(header, None, 0, encrypted=True)
    claims = _object(parts[1])
    signature = _unpacked(parts[2])
    if claims is None or signature is None:
        return None
    return Jwt(header, claims, len(signature))


def time_of(value: Any) -> str:
    """A NumericDate (RFC 7519, 2) as a time in UTC; empty if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _FAR:
        return ""
    return (_EPOCH + timedelta(seconds=int(value))).isoformat().replace("+00:00", "Z")


def _unpacked(part: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None


def _object(part: str) -> Any:
    """What a part holds: JSON, or bytes; None if it is not in base64."""
    data = _unpacked(part)
    if data is None:
        return None
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return data


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
    time = time_of(value) if name in _TIMES else ""
    words = ", ".join(word for word in (time, _NAMES.get(name, "")) if word)
    return Tagged("", value, words) if words else value


def render(data: bytes, sample: Sample) -> Lines:
    """The token that a body is, or those that are in it. Raises CannotRender without any."""
    text = data.decode("utf-8", "replace")
    parts: list[Lines] = []
    for found in _TOKEN.finditer(text):
        token = decode_jwt(found[0])
        if token is None:
            continue
        if len(parts) == 2 * _MOST:
            parts.append(FieldLines([heading(f"more than {_MOST} tokens")]))
            break
        alone = found[0] == text.strip()
        where = "the body is a token" if alone else f"at character {found.start() + 1:,}"
        parts += [FieldLines([heading(where)]), jwt_lines(token)]
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
