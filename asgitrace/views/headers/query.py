"""A query string taken apart."""

from typing import Final

import regex

from asgitrace.views.clean import utf8_text
from asgitrace.views.fields import Field, heading
from asgitrace.views.urlencoded import unescaped

_MOST: Final = 1_000
_LONGEST: Final = 64 * 1024
_BAD_ESCAPE: Final = regex.compile(rb"%(?![0-9A-Fa-f]{2})")
_ABOUT: Final = "query string, decoded as a form is: + is a space, %xx a byte of UTF-8"


def query_fields(query: bytes) -> list[Field]:
    """Its parameters in their order, decoded, duplicates and blank ones too; nothing where it is
    empty. An escape that is none stays as it came and is told."""
    if not query:
        return []
    pieces = query[:_LONGEST].split(b"&", _MOST)
    rest = pieces.pop() if len(pieces) > _MOST else b""
    names: dict[bytes, int] = {}
    fields = [_parameter(piece, names) for piece in pieces]
    left_out = len(query) - _LONGEST if len(query) > _LONGEST else 0
    left_out += len(rest)
    if left_out:
        fields.append(Field("", f"{left_out:,} more bytes are not taken apart", "faint"))
    return [heading("Query"), *fields]


def _parameter(piece: bytes, names: dict[bytes, int]) -> Field:
    """One parameter; the names before it are counted."""
    if not piece:
        return Field("(empty)", "nothing between two &", "faint", about=_ABOUT)
    name, equals, value = piece.partition(b"=")
    plain_name, plain = utf8_text(unescaped(name)), utf8_text(unescaped(value))
    names[name] = names.get(name, 0) + 1
    words = []
    if names[name] > 1:
        words.append(f"number {names[name]} of this name")
    if _BAD_ESCAPE.search(piece):
        words.append("a % that begins no escape is left as it is")
    if not is_utf8(piece):
        words.append("not UTF-8")
    words.append(f"as it came: {utf8_text(piece)}")
    shown, style = plain, "text"
    if not value:
        shown, style = ("(blank)" if equals else "(no =)"), "faint"
    return Field(
        plain_name or "(no name)", shown, style, about="; ".join(words), parts=_parts(words)
    )


def _parts(words: list[str]) -> tuple[Field, ...]:
    """What is odd about a parameter, which stands below it."""
    return tuple(Field("", each, "dim") for each in words) if len(words) > 1 else ()


def is_utf8(piece: bytes) -> bool:
    """Whether it is UTF-8 once its escapes are undone."""
    try:
        unescaped(piece).decode()
    except UnicodeDecodeError:
        return False
    return True
