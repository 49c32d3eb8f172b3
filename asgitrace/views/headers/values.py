"""What the values of well-known headers say, piece by piece."""

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from asgitrace.views.clean import utf8_text
from asgitrace.views.fields import Field
from asgitrace.views.headers import handshake, tokens
from asgitrace.views.headers.spans import date_words, number, span_text
from asgitrace.views.headers.tokens import Explained, items, parameters, weight

_LONGEST: Final = 8_192
_MOST: Final = 100


class Asked(NamedTuple):
    """One header whose value is to be explained."""

    value: str
    now_ns: int
    """Wall time of the exchange."""
    request: bool


def parts_of(name: bytes, value: bytes, now_ns: int, *, request: bool) -> tuple[Field, ...]:
    """The pieces of a value with their meaning; none where there is nothing to explain."""
    explain = _EXPLAINED.get(name.strip().lower())
    if explain is None or len(value) > _LONGEST:
        return ()
    asked = Asked(utf8_text(value).strip(" \t"), now_ns, request)
    found = islice(explain(asked), _MOST)
    return tuple(Field(label, words, style, indent=2) for label, words, style in found)


# Caching


_DIRECTIVES: Final = {
    "no-store": "nobody may keep it",
    "no-transform": "nobody may change it on the way",
    "only-if-cached": "from a cache, or 504",
    "must-understand": "kept only by caches that know the status",
    "must-revalidate": "once stale, ask before using it",
    "proxy-revalidate": "as must-revalidate, for shared caches",
    "public": "any cache may keep it",
    "immutable": "it will never change: do not ask while it is fresh",
}
_SPANS: Final = {
    "max-age": "fresh for",
    "s-maxage": "fresh in shared caches for",
    "stale-while-revalidate": "may be used while asking, stale for up to",
    "stale-if-error": "may be used after an error, stale for up to",
    "min-fresh": "must stay fresh for",
    "max-stale": "may be stale for up to",
}


def _cache_control(asked: Asked) -> Iterator[Explained]:
    for item in items(asked.value):
        name, equals, value = item.partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        yield (item, *_directive(name, value, bool(equals), asked))


def _directive(name: str, value: str, given: bool, asked: Asked) -> tuple[str, str]:
    if name in _SPANS:
        seconds = number(value)
        if seconds is None and name == "max-stale" and not given:
            return "may be stale, however long", "dim"
        if seconds is None or seconds < 0:
            return "not a number of seconds", "warn"
        if name == "max-age" and asked.request:
            return f"not older than {span_text(seconds)}", "dim"
        return f"{_SPANS[name]} {span_text(seconds)}", "dim"
    if name == "no-cache":
        if value:
            return "these headers are not used again before asking", "dim"
        return ("do not answer from a cache without asking" if asked.request else
                "may be kept, but ask before using it"), "dim"  # fmt: skip
    if name == "private":
        return (f"not in shared caches: {value}" if value else "for the browser only"), "dim"
    return (_DIRECTIVES[name], "dim") if name in _DIRECTIVES else ("unknown directive", "warn")


def _tags(asked: Asked) -> Iterator[Explained]:
    for tag in items(asked.value):
        if tag == "*":
            yield tag, "any version", "dim"
        elif tag.startswith("W/"):
            yield tag, "weak: the same meaning, perhaps other bytes", "dim"
        elif len(tag) > 1 and tag[0] == tag[-1] == '"':
            yield tag, "strong: the same bytes", "dim"
        else:
            yield tag, "not in quotes: no entity tag", "warn"


def _date(asked: Asked) -> Iterator[Explained]:
    words = date_words(asked.value, asked.now_ns)
    yield "", words, "warn" if words == "not a date" else "dim"


def _if_range(asked: Asked) -> Iterator[Explained]:
    return _tags(asked) if '"' in asked.value else _date(asked)


def _seconds(asked: Asked) -> Iterator[Explained]:
    seconds = number(asked.value)
    if seconds is None:
        yield from _date(asked)
    else:
        yield "", span_text(max(0, seconds)), "dim"


def _vary(asked: Asked) -> Iterator[Explained]:
    if asked.value == "*":
        yield "*", "on more than headers: no cache can use it again", "dim"


def _transport(asked: Asked) -> Iterator[Explained]:
    for item in items(asked.value, ";"):
        name, _, value = item.partition("=")
        seconds = number(value.strip().strip('"'))
        if name.lower() == "max-age" and seconds is not None:
            yield item, f"for {span_text(max(0, seconds))}", "dim"
        elif name.lower() == "includesubdomains":
            yield item, "hosts below this one too", "dim"
        elif name.lower() == "preload":
            yield item, "may be built into browsers", "dim"


# Content


def _accepted(asked: Asked) -> Iterator[Explained]:
    """A list with weights, in the order of preference."""
    weighed = [(weight(item), item) for item in islice(items(asked.value), _MOST)]
    for q, item in sorted(weighed, key=lambda pair: -pair[0]):
        name = item.split(";", 1)[0].strip()
        if q == 0:
            yield name, "not acceptable", "dim"
        else:
            yield name, f"weight {q:g}", "dim"


def _content_type(asked: Asked) -> Iterator[Explained]:
    media, given = parameters(asked.value)
    if "/" not in media:
        yield media, "not a media type", "warn"
    for name, value in given:
        yield name, value + ("" if name != "boundary" else "  between the parts"), "dim"
    named = {name for name, _ in given}
    if media.startswith("text/") and "charset" not in named:
        yield "charset", "not named", "dim"


def _disposition(asked: Asked) -> Iterator[Explained]:
    kind, given = parameters(asked.value)
    meaning = {"inline": "shown in place", "attachment": "saved as a file",
               "form-data": "a field of a form"}  # fmt: skip
    yield kind, meaning.get(kind, "as attachment, where it is not known"), "dim"
    for name, value in given:
        plain = tokens.extended(value) if name.endswith("*") else value
        yield name, plain, "dim"


def _codings(asked: Asked) -> Iterator[Explained]:
    known = {"gzip": "GZIP", "x-gzip": "GZIP", "deflate": "zlib", "br": "Brotli",
             "zstd": "Zstandard", "compress": "LZW", "identity": "as it is",
             "chunked": "in chunks, the length of each before it"}  # fmt: skip
    for item in items(asked.value):
        words = known.get(item.lower())
        yield item, words or "unknown coding", "dim" if words else "warn"


def _range(asked: Asked) -> Iterator[Explained]:
    unit, equals, value = asked.value.partition("=")
    if not equals or unit.strip().lower() != "bytes":
        yield unit, "unknown unit: the whole is sent", "dim"
        return
    for item in items(value):
        first, dash, last = item.partition("-")
        start, end = number(first), number(last)
        if not dash or (start is None and end is None):
            yield item, "not a range", "warn"
        elif start is None:
            yield item, f"the last {end or 0:,} bytes", "dim"
        elif end is None:
            yield item, f"from byte {start:,} to the end", "dim"
        elif end < start:
            yield item, "ends before it starts: the header is ignored", "warn"
        else:
            yield item, f"{end - start + 1:,} bytes", "dim"


def _content_range(asked: Asked) -> Iterator[Explained]:
    unit, _, rest = asked.value.partition(" ")
    span, slash, whole = rest.partition("/")
    first, _, last = span.partition("-")
    start, end, size = number(first), number(last), number(whole)
    if unit.lower() != "bytes" or not slash:
        yield "", "not a range of bytes", "warn"
    elif span == "*":
        yield "", f"no such part; there are {whole} bytes", "dim"
    elif start is not None and end is not None and end >= start:
        total = f" of {size:,}" if size is not None else " of a length not known"
        yield "", f"{end - start + 1:,} bytes{total}", "dim"
    else:
        yield "", "not a range of bytes", "warn"


def _size(asked: Asked) -> Iterator[Explained]:
    size = number(asked.value)
    if size is None or size < 0:
        yield "", "not a length", "warn"


# Who, and from where


def _authorization(asked: Asked) -> Iterator[Explained]:
    scheme, _, credentials = asked.value.partition(" ")
    credentials = credentials.strip()
    yield scheme, "the scheme", "dim"
    if scheme.lower() == "basic":
        try:
            user, colon, _ = b64decode(credentials, validate=True).partition(b":")
        except (binascii.Error, ValueError):
            yield "", "not base64", "warn"
            return
        yield "user", utf8_text(user), "dim"
        yield "password", "in the value, in base64, which hides nothing" if colon else "none", "dim"
    elif scheme.lower() == "bearer":
        yield from handshake.bearer(credentials, asked.now_ns)


def _origin(asked: Asked) -> Iterator[Explained]:
    if asked.value == "*":
        yield "*", "pages of any origin, without cookies", "dim"
    elif asked.value == "null":
        yield "null", "a page without an origin: a file, a sandboxed frame", "dim"


def _fetch_site(asked: Asked) -> Iterator[Explained]:
    meaning = {
        "same-origin": "the page is of this origin",
        "same-site": "the page is of the same site, another origin",
        "cross-site": "the page is of another site",
        "none": "no page asked for it: typed, a bookmark",
    }
    if asked.value in meaning:
        yield asked.value, meaning[asked.value], "dim"


def _forwarded_for(asked: Asked) -> Iterator[Explained]:
    hops = list(items(asked.value))
    for at, hop in enumerate(hops):
        yield hop, "the client, as the first proxy saw it" if at == 0 else "a proxy before", "dim"


def _forwarded(asked: Asked) -> Iterator[Explained]:
    for hop, item in enumerate(items(asked.value), start=1):
        for pair in items(item, ";"):
            name, _, value = pair.partition("=")
            yield f"{hop} {name.strip().lower()}", value.strip().strip('"'), "dim"


def _policy(asked: Asked) -> Iterator[Explained]:
    for item in items(asked.value, ";"):
        name, _, sources = item.partition(" ")
        yield name, sources.strip() or "set", "dim"


def _server_timing(asked: Asked) -> Iterator[Explained]:
    for item in items(asked.value):
        name, given = parameters(item)
        found = dict(given)
        words = [f"{found['dur']} ms"] if "dur" in found else []
        yield name, "  ".join([*words, found.get("desc", "")]).strip() or "no duration", "dim"


def _wrapped(
    explain: Callable[[str], Iterator[Explained]],
) -> Callable[[Asked], Iterator[Explained]]:
    return lambda asked: explain(asked.value)


_Explain = Callable[[Asked], Iterator[Explained]]
_EXPLAINED: Final[dict[bytes, _Explain]] = {
    b"cache-control": _cache_control,
    b"cdn-cache-control": _cache_control,
    **dict.fromkeys((b"etag", b"if-match", b"if-none-match"), _tags),
    **dict.fromkeys(
        (b"date", b"expires", b"last-modified", b"if-modified-since", b"if-unmodified-since",
         b"sunset", b"memento-datetime"),
        _date,
    ),
    b"if-range": _if_range,
    **dict.fromkeys((b"age", b"retry-after", b"access-control-max-age"), _seconds),
    b"vary": _vary,
    b"strict-transport-security": _transport,
    **dict.fromkeys((b"accept", b"accept-language", b"accept-encoding", b"accept-charset"),
                    _accepted),
    b"content-type": _content_type,
    b"content-disposition": _disposition,
    **dict.fromkeys((b"content-encoding", b"transfer-encoding"), _codings),
    b"range": _range,
    b"content-range": _content_range,
    b"content-length": _size,
    **dict.fromkeys((b"authorization", b"proxy-authorization"), _authorization),
    **dict.fromkeys((b"origin", b"access-control-allow-origin"), _origin),
    b"sec-fetch-site": _fetch_site,
    b"x-forwarded-for": _forwarded_for,
    b"forwarded": _forwarded,
    **dict.fromkeys((b"content-security-policy", b"content-security-policy-report-only"),
                    _policy),
    b"server-timing": _server_timing,
    b"traceparent": _wrapped(handshake.traceparent),
    b"sec-websocket-extensions": _wrapped(handshake.extensions),
    b"sec-websocket-key": _wrapped(handshake.key),
    b"sec-websocket-version": _wrapped(handshake.version),
    b"upgrade": _wrapped(handshake.upgrade),
}  # fmt: skip
"""How the values of these headers are explained, by the name in lower case."""
