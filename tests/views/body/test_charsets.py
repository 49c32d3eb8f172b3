"""Charsets found and decoded."""

import codecs
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.body.charsets import Charset, TextDecoder, charset_of, codec_name, decoder_of
from asgitrace.views.body.media import media_type
from asgitrace.views.body.model import Sample


@pytest.mark.parametrize(
    ("content_type", "essence", "parameters"),
    [
        ("text/html", "text/html", {}),
        ('Text/HTML ; Charset="UTF-16"', "text/html", {"charset": "UTF-16"}),
        ("text/html; a=b; charset='x'", "text/html", {"a": "b", "charset": "x"}),
        ('multipart/x; boundary="a\\"b;c"; x', "multipart/x", {"boundary": 'a"b;c'}),
        ("; charset=", "", {"charset": ""}),
        ("a/b;c=1;c=2", "a/b", {"c": "1"}),
        ('a/b;c="open', "a/b", {"c": "open"}),
    ],
)  # fmt: skip
def test_media_type(content_type: str, essence: str, parameters: dict[str, str]) -> None:
    assert media_type(content_type) == (essence, parameters)


@given(st.text(max_size=80))
def test_any_content_type(text: str) -> None:
    media_type(text)


def sample(start: bytes, content_type: str = "", *, text: bool = False) -> Sample:
    essence, parameters = media_type(content_type)
    return Sample(start, essence, parameters, text=text)


@pytest.mark.parametrize(
    ("found", "name", "reason"),
    [
        (sample(b"x"), "utf-8", ""),
        (sample(b"x", "text/plain; charset=latin-1"), "iso8859-1", "its type"),
        (sample(b"x", "text/plain; charset=no"), "utf-8", "its type names none that is known"),
        (sample(b"x", "text/plain; charset=UTF-16"), "utf-16-le", "its type"),
        (sample("x".encode("utf-16"), "text/plain; charset=latin-1"), "utf-16-le",
         "byte order mark"),
        (sample(codecs.BOM_UTF32_LE), "utf-32-le", "byte order mark"),
        (sample(b"\xef\xbb\xbfx", text=True), "utf-8", "byte order mark"),
        (sample(b"<?xml version='1.0' encoding='ISO-8859-2'?>"), "iso8859-2", "XML declaration"),
        (sample(b'<p><META charset="windows-1252">', "text/html"), "cp1252", "meta element"),
        (sample(b'<meta http-equiv=x content="text/html; charset=koi8-r">', "text/html"), "koi8-r",
         "meta element"),
        (sample(b'<meta charset="koi8-r">', "text/plain"), "utf-8", ""),
        (sample(b'<meta charset="koi8-r">', "text/html", text=True), "utf-8", ""),
    ],
)  # fmt: skip
def test_charset(found: Sample, name: str, reason: str) -> None:
    assert charset_of(found) == Charset(name, reason)


@pytest.mark.parametrize(
    "name", ["utf-16", "utf-32", "no-such", "hex", "rot13", "idna", "punycode", "undefined", "zlib",
             "\\", "a.b", "unicode_escape", "utf-7", "utf-8-sig", "x" * 300, "\0", "é"],
)  # fmt: skip
def test_no_charset_harms(name: str) -> None:
    for data in (bytes(range(256)), b"+\\u \\x41 \\", b"\xff" * 9):
        decoder = decoder_of(Sample(data, "text/plain", {"charset": name}))
        assert isinstance(decoder.decode(data) + decoder.decode(data, True), str)


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "utf-16-le", "shift_jis", "utf-7"]),
       st.lists(st.integers(0, 60), max_size=4))  # fmt: skip
def test_pieces_give_what_the_whole_gives(data: bytes, name: str, cuts: list[int]) -> None:
    decoder = TextDecoder(Charset(codec_name(name), ""))
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = "".join(
        decoder.decode(data[low:high], high == len(data)) for low, high in pairwise(places)
    )
    try:
        assert found == data.decode(name).removeprefix("\ufeff")
        assert not decoder.faulty
    except UnicodeDecodeError:
        if name != "utf-7":
            assert decoder.faulty
