"""Which charset the text of a body is in, and its decoding, which never fails."""

import codecs
import re
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from asgitrace.views.body.model import Sample

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""

_MARK: Final = "\ufeff"
_NO_CHARSETS: Final = frozenset(
    {"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
"""Python's own codecs of text to text, which no content is encoded with."""

_BY_TYPE: Final = "its type"
_LONGEST_NAME: Final = 40
_DECLARED_WITHIN: Final = 1_024
"""Bytes in which HTML's ``meta`` must stand (HTML Standard, 4.2.5.4)."""

_META: Final = re.compile(
    rb"<meta\b[^<>]*?\bcharset\s*+=\s*+[\"']?+([\w.:-]++)", re.ASCII | re.IGNORECASE
)
_XML: Final = re.compile(rb"\s*+<\?xml\b[^<>]*?\bencoding\s*+=\s*+[\"']([\w.:-]++)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Charset:
    """A charset and what says so."""

    name: str
    """Of a codec that Python has."""
    reason: str
    """In a few words; empty for UTF-8 where nothing says anything else."""

    @property
    def told(self) -> bool:
        """The content type, which is seen, says it."""
        return self.reason == _BY_TYPE


def charset_of(sample: Sample) -> Charset:
    """The charset of a body. A byte order mark is believed before the media type, as browsers do
    (WHATWG Encoding, 6)."""
    for mark, name in _MARKS:
        if sample.start.startswith(mark):
            return Charset(name, "byte order mark")
    if sample.text:
        return Charset("utf-8", "")
    named = sample.parameters.get("charset", "")
    if named:
        return _named(named, _BY_TYPE)
    start = sample.start[:_DECLARED_WITHIN]
    if found := _XML.match(start):
        return _named(found[1].decode("ascii"), "XML declaration")
    if "html" in sample.media_type and (found := _META.search(start)):
        return _named(found[1].decode("ascii"), "meta element")
    return Charset("utf-8", "")


def _named(name: str, source: str) -> Charset:
    found = codec_name(name)
    if not found:
        return Charset("utf-8", f"{source} names none that is known")
    if found in ("utf-16", "utf-32"):
        # Python's raise where there is no byte order mark.
        found += "-le"
    return Charset(found, source)


def codec_name(charset: str) -> str:
    """Python's name of the codec for a charset; empty if it has none that is for text."""
    try:
        found = codecs.lookup(charset[:_LONGEST_NAME]).name
        b"x".decode(found, "replace")  # which a codec that is not for text refuses
    except (LookupError, ValueError, TypeError):
        return ""
    return "" if found.replace("-", "_") in _NO_CHARSETS else found


class TextDecoder:
    """Decodes a run a piece at a time; what cannot be decoded is replaced."""

    def __init__(self, charset: Charset) -> None:
        self.charset = charset
        self.faulty = False
        """Something was not in the charset."""
        make = codecs.getincrementaldecoder(charset.name)
        self._decoder = make("strict")
        self._lenient = make("replace")
        self._begun = False

    def decode(self, data: bytes, final: bool = False) -> str:
        """The text of what came, without a byte order mark at its start."""
        text = self._decode(data, final)
        if self._begun or not text:
            return text
        self._begun = True
        return text.removeprefix(_MARK)

    def _decode(self, data: bytes, final: bool) -> str:
        if not self.faulty:
            state = self._decoder.getstate()
            try:
                return self._decoder.decode(data, final)
            except UnicodeError:
                self.faulty = True
                self._lenient.setstate(state)
        return self._lenient.decode(data, final)


@runtime_checkable
class Decodes(Protocol):
    """A part that shows decoded text."""

    decoder: TextDecoder


def decoder_of(sample: Sample) -> TextDecoder:
    """A decoder for what begins like this."""
    return TextDecoder(charset_of(sample))


def start_text(sample: Sample) -> str:
    """The start of a body as text."""
    return decoder_of(sample).decode(sample.start)
