import pytest

from asgitrace.server.framing import framing_refusal


def head(*lines: bytes, version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"POST / HTTP/" + version, b"Host: a", *lines, b"", b""])


@pytest.mark.parametrize(
    "raw",
    [
        head(),
        head(b"Content-Length: 0"),
        head(b"content-length:5"),
        head(b"Content-Length: \t 9223372036854775807 "),
        head(b"Transfer-Encoding: chunked"),
        head(b"TRANSFER-ENCODING:\tChunked "),
        head(b"X-Content-Length: abc"),
        head(b"Transfer-Encoding: , chunked,,"),
    ],
)
def test_good(raw: bytes) -> None:
    assert framing_refusal(raw) is None


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        # RFC 9110 section 8.6
        *(
            (head(b"Content-Length: " + value), 400)
            for value in (
                b"",
                b"abc",
                b"+5",
                b"-1",
                b"-0",
                b"5 6",
                b"5_0",
                b"0x5",
                b"0o5",
                b"005",
                b"00",
                b"5, 5",
                b"5,6",
                b"5;a",
                b"9223372036854775808",
                b"99999999999999999999",
            )
        ),
        (head(b"Content-Length: 5", b"Content-Length: 5"), 400),
        (head(b"Content-Length: 5", b"Content-Length: 6"), 400),
        # RFC 9112 section 6.1
        (head(b"Content-Length: 5", b"Transfer-Encoding: chunked"), 400),
        (head(b"Transfer-Encoding: identity", b"Content-Length: 5"), 400),
        (head(b"Transfer-Encoding: chunked", version=b"1.0"), 400),
        (head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
        (head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), 400),
        (head(b"Transfer-Encoding:"), 400),
        (head(b"Transfer-Encoding: chunked, chunked"), 400),
        (head(b"Transfer-Encoding: chunked, gzip"), 400),
        (head(b"Transfer-Encoding: ,"), 400),
        (head(b'Transfer-Encoding: "chunked"'), 400),
        (head(b"Transfer-Encoding: chunked;a=b"), 400),
        (head(b"Transfer-Encoding: \x0bchunked"), 400),
        (head(b"Transfer-Encoding: xchunked"), 501),
        (head(b"Transfer-Encoding: identity"), 501),
        (head(b"Transfer-Encoding: gzip, chunked"), 501),
    ],
)
def test_bad(raw: bytes, status: int) -> None:
    refused = framing_refusal(raw)

    assert refused is not None
    assert refused.status == status
