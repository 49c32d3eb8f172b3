"""A body as text, a piece at a time, its content encoding undone."""

import codecs
from collections.abc import Generator, Iterator
from itertools import chain
from typing import Final

from asgitrace.views.body.bodies import Body
from asgitrace.views.body.charsets import codec_name
from asgitrace.views.body.encodings import Decoding
from asgitrace.views.body.inflate import Damaged, Missing
from asgitrace.views.needle import LONGEST, Needle, Span
from asgitrace.views.occurrences.sieve import ByteSieve

_PIECE: Final = 128 * 1024
_ASKED: Final = 1024 * 1024
"""Bytes that are asked at a time."""
_WIDE: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7")
"""Codecs whose bytes are not those of ASCII."""


def found_in_body(body: Body, needle: Needle) -> Iterator[tuple[int, str, Span] | None]:
    """Where a needle is in a body, also across its chunks: the place in the body, in bytes where it
    is UTF-8 and in characters elsewhere; and a text with the place in it. None after each piece
    that was looked through."""
    codec = _codec(body.content_type)
    sieve = ByteSieve(needle)
    for run in body.runs:
        data = bytes(run.data)
        # To decode what is no text takes a hundred times as long as to ask its bytes.
        unclear = bool(body.encoding) or codec in _WIDE
        if unclear or (yield from _may_be_in(data, sieve)):
            yield from _found_in(_decoded(data, body.encoding), run.offset, codec, needle)
        yield None


def _may_be_in(data: bytes, sieve: ByteSieve) -> Generator[None, None, bool]:
    for at in range(0, len(data), _ASKED):
        # Somewhat more, for what lies on the border.
        if sieve.may_be_in(data[at : at + _ASKED + LONGEST]):
            return True
        yield None
    return False


def _found_in(
    pieces: Iterator[bytes], start: int, codec: str, needle: Needle
) -> Iterator[tuple[int, str, Span] | None]:
    utf_8 = codec == "utf-8"
    decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if utf_8 else "replace")
    kept, at, told = "", start, -1
    for data in chain(filter(None, pieces), (b"",)):
        kept += decoder.decode(data, final=not data)
        for span in needle.hits(kept):
            place = at + (_bytes(kept[: span[0]]) if utf_8 else span[0])
            # What lies on the border was told with the piece before.
            if place > told:
                told = place
                yield place, kept, span
        if len(kept) >= needle.reach:
            gone = len(kept) - needle.reach + 1
            at += _bytes(kept[:gone]) if utf_8 else gone
            kept = kept[gone:]
        yield None


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _decoded(data: bytes, encoding: str) -> Iterator[bytes]:
    if not encoding:
        yield from (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
        return
    try:
        decoding = Decoding(encoding)
    except (Damaged, Missing):
        yield from _decoded(data, "")
        return
    decoding.feed(data, final=True)
    while not decoding.done:
        yield decoding.work()


def _codec(content_type: str) -> str:
    """The codec that a content type names; UTF-8 where it names none that there is for text."""
    _, _, rest = content_type.lower().partition("charset=")
    return codec_name(rest.partition(";")[0].strip(" \"'")) or "utf-8"
