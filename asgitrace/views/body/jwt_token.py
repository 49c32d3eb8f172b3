"""JSON Web Tokens (RFC 7519) taken apart, never verified: that would need their keys."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

WARNING: Final = "decoded, NOT verified"
"""What is said wherever a token is shown."""

LONGEST: Final = 65_536
"""Characters of a token that is taken apart."""

PART: Final = r"[A-Za-z0-9_-]"
TOKEN: Final = re.compile(
    rf"(?<!{PART})eyJ{PART}*+\.{PART}*+\.{PART}*+(?:\.{PART}*+\.{PART}*+)?(?!\.)"
)
"""One anywhere in a text: signed, or with five parts encrypted. A JSON object in base64 begins with
these three letters."""

TIMES: Final = ("exp", "iat", "nbf", "auth_time", "updated_at")
"""Claims that are times."""

_LONGEST_CLAIM: Final = 200
_ODD: Final = "of an odd type"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR: Final = 10**11
"""Seconds up to which a number is taken for a time: the year 5138; milliseconds are larger."""

NAMES: Final = {
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
        found = {name: time_of(claims[name]) for name in TIMES if name in claims}
        return {name: time for name, time in found.items() if time}

    @property
    def summary(self) -> str:
        """The token in a few words, not yet cleaned: ``decoded, NOT verified: HS256 · sub 42``."""
        words = [_brief(self.header.get("alg", "no alg"))]
        if self.encrypted:
            words.append("encrypted")
        claims = self.claims if isinstance(self.claims, dict) else {}
        words += [f"{name} {_brief(claims[name])}" for name in ("iss", "sub") if name in claims]
        words += [f"{NAMES[name]} {time}" for name, time in self.times.items() if name in NAMES]
        return f"{WARNING}: {' · '.join(words)}"


def _brief(value: Any) -> str:
    """A claim in a line: of what somebody wrote to be long or deep, nothing."""
    return value[:_LONGEST_CLAIM] if isinstance(value, str) else _ODD


def decode_jwt(text: str) -> Jwt | None:
    """The token that a text is; None if it is none. Never raises. ``Bearer`` before it, and white
    space round it, are for the caller to take off."""
    if len(text) > LONGEST or not TOKEN.fullmatch(text):
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


def token_note(text: str) -> str:
    """What is said beside a text that is a token, not yet cleaned; empty for any other."""
    text = text.removeprefix("Bearer ")
    token = decode_jwt(text) if text.startswith("eyJ") else None
    return f"JWT, {token.summary}" if token else ""
