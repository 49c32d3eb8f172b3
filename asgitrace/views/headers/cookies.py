"""Cookies taken apart: those the client sent, and those it was told to keep (RFC 6265)."""

from collections.abc import Iterable, Iterator
from typing import Final

from asgitrace.views.clean import utf8_text
from asgitrace.views.fields import Field, heading
from asgitrace.views.headers.spans import distance, number, span_text

_MOST: Final = 500
_SAME_SITE: Final = {
    "strict": "sent only from pages of the same site",
    "lax": "sent from the same site, and when a link elsewhere leads here",
    "none": "sent from any page; needs Secure",
}

_ATTRIBUTES: Final = {
    "domain": "empty: as if it were not there",
    "path": "no path: that of the request is taken",
    "secure": "sent by HTTPS only",
    "httponly": "scripts cannot read it",
    "partitioned": "kept apart for each site that embeds this one",
    "priority": "which cookies go first where there are too many; Chromium only",
}

Headers = Iterable[tuple[bytes, bytes]]


def sent_cookies(headers: Headers) -> list[Field]:
    """The cookies in the Cookie headers, in their order; nothing where there is none."""
    pieces = [
        piece.strip(b" \t")
        for name, value in headers
        if name.lower() == b"cookie"
        for piece in value.split(b";", _MOST)
    ]
    names: dict[bytes, int] = {}
    fields = [_sent(piece, names) for piece in pieces[:_MOST] if piece]
    if len(pieces) > _MOST:
        fields.append(Field("", "the others are not taken apart", "faint"))
    return [heading("Cookies"), *fields] if fields else []


def _sent(piece: bytes, names: dict[bytes, int]) -> Field:
    name, equals, value = piece.partition(b"=")
    if not equals or not name.strip():
        return Field("(no name)", utf8_text(value if equals else piece), about="a nameless cookie")
    names[name] = names.get(name, 0) + 1
    about = "" if names[name] == 1 else f"number {names[name]} of this name: another path or domain"
    shown, style = (utf8_text(value), "text") if value else ("(blank)", "faint")
    return Field(utf8_text(name).strip(), shown, style, about=about)


def kept_cookies(headers: Headers, now_ns: int) -> list[Field]:
    """The cookies of the Set-Cookie headers with their attributes; nothing where there is none.
    ``now_ns``: wall time of the exchange, from which expiry counts."""
    values = [value for name, value in headers if name.lower() == b"set-cookie"]
    fields = [set_cookie(value, now_ns) for value in values[:_MOST]]
    if len(values) > _MOST:
        fields.append(Field("", f"{len(values) - _MOST:,} more are not taken apart", "faint"))
    return [heading("Cookies to keep"), *fields] if fields else []


def set_cookie(value: bytes, now_ns: int) -> Field:
    """One Set-Cookie header, its attributes as parts."""
    pair, *rest = value.split(b";", _MOST)
    name, equals, held = pair.partition(b"=")
    if not equals:
        return Field("(no =)", utf8_text(pair), "warn", about="browsers ignore it")
    attributes = [_attribute(piece) for piece in rest if piece.strip(b" \t")]
    known = dict(attributes)  # the last one counts (RFC 6265 section 5.3)
    parts = [
        _explained(key, given, now_ns, known, shown)
        for (key, given), shown in zip(attributes, filter(_text, rest), strict=True)
    ]
    parts += [Field("", words, "dim", indent=2) for words in _missing(known)]
    parts += [
        Field("", words, "warn", indent=2) for words in _broken(utf8_text(name).strip(), known)
    ]
    shown, style = (utf8_text(held).strip(), "text") if held else ("(blank)", "faint")
    return Field(utf8_text(name).strip(), shown, style, parts=tuple(parts), opened=True)


def _text(piece: bytes) -> bytes:
    return piece.strip(b" \t")


def _attribute(piece: bytes) -> tuple[str, str]:
    name, _, value = utf8_text(piece).partition("=")
    return name.strip(" \t").lower(), value.strip(" \t")


def _explained(name: str, value: str, now_ns: int, known: dict[str, str], shown: bytes) -> Field:
    words, style = _words(name, value, now_ns, known)
    label, _, given = utf8_text(shown).strip(" \t").partition("=")
    text = f"{given}  {words}" if given and words else given or words
    return Field(label, text, style, indent=2)


def _words(name: str, value: str, now_ns: int, known: dict[str, str]) -> tuple[str, str]:
    """What an attribute means, with the name of a style."""
    match name:
        case "expires":
            return _until(value, now_ns, known), "dim"
        case "max-age":
            return _age(value)
        case "domain" if value:
            return "sent to this host and those below it", "dim"
        case "path" if value.startswith("/"):
            return "sent for this path and those below it", "dim"
        case "samesite":
            found = _SAME_SITE.get(value.lower())
            return (found, "dim") if found else ("unknown value: as if it were not there", "warn")
    found = _ATTRIBUTES.get(name)
    return (found, "dim") if found else ("unknown attribute: browsers ignore it", "warn")


def _until(value: str, now_ns: int, known: dict[str, str]) -> str:
    if "max-age" in known:
        return "not looked at: Max-Age comes first"
    seconds = distance(value, now_ns)
    if seconds is None:
        return "no date: browsers ignore it"
    return "in the past: the cookie is deleted" if seconds <= 0 else f"in {span_text(seconds)}"


def _age(value: str) -> tuple[str, str]:
    seconds = number(value)
    if seconds is None:
        return "no number: browsers ignore it", "warn"
    if seconds <= 0:
        return "the cookie is deleted", "dim"
    return f"kept for {span_text(seconds)}", "dim"


def _missing(known: dict[str, str]) -> Iterator[str]:
    """What it means that attributes are not there."""
    if not known.keys() & {"expires", "max-age"}:
        yield "no expiry: kept until the browser is closed"
    if not known.get("domain"):
        yield "no Domain: sent to this host only"
    absent = [
        shown
        for name, shown in (
            ("secure", "Secure"),
            ("httponly", "HttpOnly"),
            ("samesite", "SameSite"),
        )
        if name not in known
    ]
    if absent:
        yield f"not set: {', '.join(absent)}"


def _broken(name: str, known: dict[str, str]) -> Iterator[str]:
    """Why a browser will refuse it."""
    secure = "secure" in known
    if known.get("samesite", "").lower() == "none" and not secure:
        yield "browsers refuse it: SameSite=None needs Secure"
    if name.lower().startswith(("__secure-", "__host-")) and not secure:
        yield "browsers refuse it: its prefix needs Secure"
    if name.lower().startswith("__host-") and (known.get("path") != "/" or known.get("domain")):
        yield "browsers refuse it: __Host- needs Path=/ and no Domain"
