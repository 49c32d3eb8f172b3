"""What is to be known of a body beside its content, in one line."""

from asgitrace.views.body.bodies import Body
from asgitrace.views.body.charsets import TextDecoder
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.marks import INTO
from asgitrace.words import counted


def body_note(source: Decoded, decoder: TextDecoder | None = None) -> tuple[str, str]:
    """How much there is of a body and how much is not, its encoding and charset; with the name of
    a style."""
    body = source.body
    words = [body.content_type] if body.content_type else []
    warnings = [*([source.fault] if source.fault else []), *_faults(body)]
    if decoder is not None and (decoder.faulty or not decoder.charset.told):
        (warnings if decoder.faulty else words).append(_charset_words(decoder))
    (warnings if body.recorded < body.size else words).append(_size_words(source))
    if body.chunks and not body.finished:
        words.append("ended without a last chunk" if body.ended else "more to come")
    return " · ".join([*warnings, *words]), "warn" if warnings else "dim"


def _faults(body: Body) -> list[str]:
    found = []
    if body.file:
        found.append("the server sent a file: its content was not seen")
    if body.missed:
        found.append(f"{body.missed:,} events overwritten: chunks may be missing")
    if body.failed:
        found.append(f"{body.failed:,} not sent")
    return found


def _charset_words(decoder: TextDecoder) -> str:
    charset = decoder.charset
    words = f"not {charset.name} throughout" if decoder.faulty else charset.name
    return f"{words} ({charset.reason})" if charset.reason else words


def _size_words(source: Decoded) -> str:
    body = source.body
    count = counted(body.chunks, "chunk")
    if body.recorded < body.size:
        sizes = f"recorded {body.recorded:,} of {body.size:,} bytes"
    else:
        sizes = f"{body.size:,} bytes"
    if source.undone:
        more = "" if source.ended else "+"
        sizes = f"{'+'.join(source.codings)} {sizes} {INTO} {source.size:,}{more}"
    elif source.codings:
        sizes = f"{'+'.join(source.codings)} {sizes}, as sent"
    return f"{sizes}, {count}"
