"""The bodies of two exchanges: by their structure, by lines or by bytes."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from asgitrace.events import Kind
from asgitrace.store.model import Exchange
from asgitrace.views.body.bodies import Body
from asgitrace.views.body.charsets import decoder_of
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.model import Sample
from asgitrace.views.body.text import looks_binary
from asgitrace.views.compare.binary import binaries
from asgitrace.views.compare.model import Row, Section, Work, valued
from asgitrace.views.compare.structures import structures
from asgitrace.views.compare.texts import texts

LINES: Final = "by lines"
MOST: Final = 10 * 1024 * 1024
"""Bytes of each body that are compared."""
_MOST_JSON: Final = 2 * 1024 * 1024
"""Bytes of each up to which JSON is compared by its structure: it is parsed in one go."""
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Content:
    """A body as it is compared."""

    data: bytes
    sample: Sample
    notes: tuple[str, ...]
    media: str
    whole: bool


def request_body(section: Section, left: Exchange, right: Exchange) -> Work:
    """What the apps received."""
    yield from _bodies(section, left, right, Kind.RECEIVE)


def response_body(section: Section, left: Exchange, right: Exchange) -> Work:
    """What the apps sent."""
    yield from _bodies(section, left, right, Kind.SEND)


def _bodies(section: Section, left: Exchange, right: Exchange, kind: Kind) -> Work:
    here = yield from _content(left, kind)
    there = yield from _content(right, kind)
    for side, content in (("left", here), ("right", there)):
        section.notes += [f"On the {side}: {note}" for note in content.notes]
    if not (here.sample.size or there.sample.size):
        return
    section.add(_size(here, there))
    if (yield from _equal(here.data, there.data)):
        return
    before = section.differences
    yield from _differing(section, here, there)
    if section.differences == before:
        section.notes.append(
            "What they say is the same; the bytes are not: spaces, order of keys, encoding."
        )


def _size(left: _Content, right: _Content) -> Row:
    sizes = [f"{each.sample.size:,} B  {each.media}".rstrip() for each in (left, right)]
    more = right.sample.size - left.sample.size
    return valued("size, type", sizes[0], sizes[1], f"{more:+,}" if more else "")


def _differing(section: Section, left: _Content, right: _Content) -> Work:
    """Compare by what they are, both the same way."""
    if any(each.data and looks_binary(each.sample) for each in (left, right)):
        section.how = "by bytes"
        yield from binaries(section, left.data, right.data)
        return
    values = _json(left), _json(right)
    yield
    if _FAILED not in values:
        section.how = "by structure"
        yield from structures(section, *values)
        return
    section.how = LINES
    texts_found = (yield from _text(left)), (yield from _text(right))
    yield from texts(section, *texts_found)


_FAILED: Final = object()


def _json(content: _Content) -> Any:
    """The value, if it is JSON and not too long to be parsed at once."""
    if not content.whole or len(content.data) > _MOST_JSON:
        return _FAILED
    if content.data.lstrip(b" \t\r\n")[:1] not in (b"{", b"["):
        return _FAILED
    try:
        return msgspec.json.decode(content.data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _FAILED


def _text(content: _Content) -> Generator[None, None, str]:
    decoder = decoder_of(content.sample)
    pieces = []
    for start in range(0, len(content.data), _PIECE):
        pieces.append(decoder.decode(content.data[start : start + _PIECE]))
        yield
    return "".join([*pieces, decoder.decode(b"", True)])


def _content(exchange: Exchange, kind: Kind) -> Generator[None, None, _Content]:
    body = Body(kind)
    while body.update(exchange) or body.behind:
        yield
        if body.recorded > MOST or not body.behind:
            break
    decoded = Decoded(body)
    while decoded.size <= MOST and decoded.work():
        yield
    runs = decoded.runs
    data = bytes(memoryview(runs[0].data)[:MOST]) if runs else b""
    yield
    notes = []
    if decoded.fault:
        notes.append(decoded.fault)
    if body.recorded < body.size:
        notes.append(f"recorded {body.recorded:,} of {body.size:,} bytes")
    if len(runs) > 1:
        notes.append("compared up to the first gap")
    if runs and len(runs[0].data) > MOST:
        notes.append(f"compared up to {MOST:,} bytes")
    if body.file:
        notes.append("the server sent a file: its content was not seen")
    sample = decoded.sample()
    whole = decoded.whole and len(runs) == 1 and len(data) == len(runs[0].data)
    return _Content(data, sample, tuple(notes), sample.media_type, whole)


def _equal(left: bytes, right: bytes) -> Generator[None, None, bool]:
    if len(left) != len(right):
        return False
    for start in range(0, len(left), _PIECE):
        if left[start : start + _PIECE] != right[start : start + _PIECE]:
            return False
        yield
    return True
