"""RFC 9112 section 7: the chunked coding."""

from typing import Final

from tests.server.requirements.http_checks import CHUNKS, answered, broken, chunked, coding, seen
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9112, Level.MUST)
should = rows(9112, Level.SHOULD)
ours = rows(9112, Level.OURS)


def bad_chunk(text: bytes) -> Check:
    """A first chunk like this is a fault."""
    return broken(chunked(text + b"\r\n0\r\n\r\n"))


CHUNKED: Final[tuple[Requirement, ...]] = (
    must(
        "7.1",
        "chunked",
        "Chunked content is decoded.",
        answered(chunked(CHUNKS), b"hello", method="POST"),
    ),
    must(
        "7.1",
        "chunks",
        "There may be many chunks.",
        answered(chunked(b"1\r\na\r\n" * 500 + b"0\r\n\r\n"), b"a" * 500, method="POST"),
    ),
    must(
        "7.1",
        "no-chunks",
        "Or only the last one.",
        answered(chunked(b"0\r\n\r\n"), b"", method="POST"),
    ),
    must(
        "7.1",
        "hex",
        "Sizes are hexadecimal, in either case.",
        answered(
            chunked(b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
            b"0123456789" * 2,
            method="POST",
        ),
    ),
    must(
        "7.1",
        "zeros",
        "They may have leading zeros, and so may the last one.",
        answered(chunked(b"005\r\nhello\r\n000\r\n\r\n"), b"hello", method="POST"),
    ),
    must(
        "7",
        "coding-case",
        "The name of a coding has no case.",
        answered(coding(b" ChUnKeD"), b"hello", method="POST"),
    ),
    must(
        "7",
        "coding-space",
        "Whitespace around it does not count.",
        answered(coding(b"\tchunked "), b"hello", method="POST"),
    ),
    *(
        must(
            "7.1",
            f"chunk-{name}",
            f"A chunk's line must not be {text.decode('latin-1')!r}.",
            bad_chunk(text),
        )
        for name, text in {
            "hex-prefix": b"0x5\r\nhello",
            "plus": b"+5\r\nhello",
            "minus": b"-5\r\nhello",
            "underscore": b"0_5\r\nhello",
            "leading-space": b" 5\r\nhello",
            "trailing-space": b"5 \r\nhello",
            "word": b"five\r\nhello",
            "empty": b"\r\nhello",
            "bare-cr": b"5\rhello",
            "long-data": b"5\r\nhello!!",
            "short-data": b"5\r\nhell",
            "overflow": b"FFFFFFFFFFFFFFFFF\r\nhello",
        }.items()
    ),
    must(
        "7.1",
        "chunk-no-crlf",
        "A chunk's data is followed by CRLF.",
        broken(chunked(b"5\r\nhello0\r\n\r\n")),
    ),
    ours(
        "7.1",
        "chunk-bare-lf",
        "LF alone does not end a chunk's line: refused.",
        bad_chunk(b"5\nhello"),
    ),
    ours("7.1", "data-bare-lf", "Nor its data.", broken(chunked(b"5\r\nhello\n0\r\n\r\n"))),
    ours("7.1", "last-bare-lf", "Nor the content.", broken(chunked(b"5\r\nhello\r\n0\r\n\n"))),
    must(
        "7.1.1",
        "extension",
        "Chunk extensions are ignored.",
        answered(chunked(b'5;a=b;c="d;e";f\r\nhello\r\n0;g\r\n\r\n'), b"hello", method="POST"),
    ),
    *(
        must(
            "7.1.1",
            f"extension-{name}",
            f"An extension must not be {text.decode('latin-1')!r}.",
            bad_chunk(b"5;" + text + b"\r\nhello"),
        )
        for name, text in {
            "empty": b"",
            "no-token": b"a[=b",
            "nul": b"\x00a",
            "bare-cr": b"a\rb",
            "control": b"a=\x07",
            "open-quote": b'a="b',
        }.items()
    ),
    must(
        "7.1.1",
        "extension-long",
        "Their length is limited.",
        broken(chunked(b"5;a=" + b"b" * 100_000 + b"\r\nhello\r\n0\r\n\r\n"), 400, 431),
    ),
    must(
        "7.1.2",
        "trailers",
        "Trailers are read and are not headers.",
        seen(
            chunked(b"0\r\nX-Sum: 1\r\nHost: b\r\n\r\n", b"/scope"),
            header_x_sum=[],
            header_host=["example.com"],
        ),
    ),
    must(
        "7.1.2",
        "bad-trailer",
        "What is no field line is no trailer.",
        broken(chunked(b"0\r\nX Y: 1\r\n\r\n")),
    ),
    must(
        "7.1.2",
        "folded-trailer",
        "A trailer is not folded.",
        broken(chunked(b"0\r\nX: 1\r\n 2\r\n\r\n")),
    ),
)

REQUIREMENTS: Final = CHUNKED
