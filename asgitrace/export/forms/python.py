"""What scripts of every kind have in common."""

from collections.abc import Iterable, Iterator

from asgitrace.export.forms.quoting import readable


def imports(standard: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    """The head of a script: what it imports, those of the standard library first."""
    for block in (standard, others):
        lines = [*block]
        if lines:
            yield from (*lines, "")


def spoken(data: bytes) -> str | bytes:
    """Bytes as a ``str`` where they are text: its UTF-8 is what they were."""
    text = readable(data)
    return data if text is None else text


def header_lines(
    headers: Iterable[tuple[bytes, bytes]], indent: int, *, text: bool = False
) -> Iterator[str]:
    """Headers as pairs, one a line; as ``str`` where they are ASCII, with ``text`` always, read as
    ISO-8859-1."""
    lead = " " * indent
    for name, value in headers:
        if text or (name.isascii() and value.isascii()):
            pair = name.decode("ascii"), value.decode("latin-1")
            yield f"{lead}({pair[0]!r}, {pair[1]!r}),"
        else:
            yield f"{lead}({name!r}, {value!r}),"
