"""permessage-deflate by the text of RFC 7692, and the grammar of its header in RFC 6455."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.frame_protocol import ParseFailed

from asgitrace.server.deflate import NAME, Agreement, Deflater, Inflater
from asgitrace.server.extensions import MalformedExtensions, Offer, parse_offers

PLENTY = 1 << 20


def answer(header: str) -> str | None:
    agreed = Agreement.first(parse_offers(header))
    return None if agreed is None else agreed.header().decode()


def inflate(inflater: Inflater, *pieces: bytes) -> bytes:
    return b"".join(inflater.piece(piece, PLENTY) for piece in pieces) + inflater.end(PLENTY)


# RFC 6455 section 9.1: the grammar of the header.


@pytest.mark.parametrize(
    ("header", "offers"),
    [
        ("", []),
        (" , ,", []),
        ("a", [Offer("a")]),
        ("a,b ,\tc", [Offer("a"), Offer("b"), Offer("c")]),
        ("a; x; y=1 ;z = 2", [Offer("a", (("x", None), ("y", "1"), ("z", "2")))]),
        ('a; x="1"; y="\\2"', [Offer("a", (("x", "1"), ("y", "2")))]),
        (",a;x,,b,", [Offer("a", (("x", None),)), Offer("b")]),
    ],
)
def test_offers_are_parsed(header: str, offers: list[Offer]) -> None:
    assert parse_offers(header) == offers


@pytest.mark.parametrize(
    "header", ["a b", ";", "a;", "a; =1", "a; x=", 'a; x="', 'a; x=""', 'a; x="b c"', "a/b", "a=1"]
)
def test_malformed_headers_are_refused(header: str) -> None:
    with pytest.raises(MalformedExtensions):
        parse_offers(header)


@given(st.text(alphabet='ab1;=," \t\\', max_size=20))
def test_every_header_is_parsed_or_refused(header: str) -> None:
    try:
        offers = parse_offers(header)
    except MalformedExtensions:
        return
    parts = [
        "; ".join([offer.name, *(name if value is None else f"{name}={value}"
                                 for name, value in offer.parameters)])
        for offer in offers
    ]  # fmt: skip
    assert parse_offers(", ".join(parts)) == offers


# RFC 7692 sections 5 and 7.1: the negotiation.


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("permessage-deflate", ""),
        ("permessage-deflate; server_no_context_takeover", "; server_no_context_takeover"),
        ("permessage-deflate; client_no_context_takeover", "; client_no_context_takeover"),
        ("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10"),
        ("permessage-deflate; server_max_window_bits=8", "; server_max_window_bits=8"),
        ("permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=12"),
        ("permessage-deflate; client_max_window_bits", "; client_max_window_bits=12"),
        ("permessage-deflate; client_max_window_bits=9", "; client_max_window_bits=9"),
        ("permessage-deflate; client_max_window_bits=8", "; client_max_window_bits=8"),
        ('permessage-deflate; client_max_window_bits="10"', "; client_max_window_bits=10"),
    ],
)
def test_an_offer_is_accepted(header: str, expected: str) -> None:
    assert answer(header) == NAME + expected


@pytest.mark.parametrize(
    "parameters",
    [
        "unknown",
        "unknown=1",
        "server_no_context_takeover=1",
        "client_no_context_takeover=true",
        "server_no_context_takeover; server_no_context_takeover",
        "client_max_window_bits; client_max_window_bits=10",
        "server_max_window_bits",
        "server_max_window_bits=7",
        "server_max_window_bits=16",
        "server_max_window_bits=010",
        "server_max_window_bits=+9",
        "client_max_window_bits=0",
        "client_max_window_bits=x",
        "Server_No_Context_Takeover",
    ],
)
def test_an_offer_with_an_invalid_parameter_is_declined(parameters: str) -> None:
    assert answer(f"permessage-deflate; {parameters}") is None


def test_the_first_offer_that_can_be_accepted_is() -> None:
    header = (
        "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=99, "
        "permessage-deflate; server_no_context_takeover, permessage-deflate"
    )
    assert answer(header) == "permessage-deflate; server_no_context_takeover"
    assert answer("x-webkit-deflate-frame") is None


# RFC 7692 section 7.2: the streams.

WINDOWS = st.sampled_from([None, 8, 9, 12])
MESSAGES = st.lists(
    st.one_of(st.binary(min_size=1, max_size=300), st.just(b"abcdefgh" * 2000)), max_size=6
)


@given(st.builds(Agreement, st.booleans(), st.booleans(), WINDOWS, WINDOWS), MESSAGES)
def test_any_peer_inflates_what_is_sent(agreement: Agreement, messages: list[bytes]) -> None:
    deflater = Deflater(agreement)
    bits = -(agreement.server_max_window_bits or 15)
    stream = zlib.decompressobj(bits)
    for message in messages:
        packed = deflater.message(message)
        assert stream.decompress(packed + b"\0\0\xff\xff") == message
        if agreement.server_no_context_takeover:
            stream = zlib.decompressobj(bits)


@given(st.builds(Agreement, st.booleans(), st.booleans(), WINDOWS, WINDOWS), MESSAGES, st.data())
def test_what_any_peer_deflates_is_inflated(
    agreement: Agreement, messages: list[bytes], data: st.DataObject
) -> None:
    bits = -max(agreement.client_max_window_bits or 15, 9)
    inflater = Inflater(agreement)
    stream = zlib.compressobj(wbits=bits)
    for message in messages:
        packed = (stream.compress(message) + stream.flush(zlib.Z_SYNC_FLUSH))[:-4]
        at = data.draw(st.integers(0, len(packed)))
        assert inflate(inflater, packed[:at], packed[at:]) == message
        if agreement.client_no_context_takeover:
            stream = zlib.compressobj(wbits=bits)


def test_the_context_is_kept_between_messages() -> None:
    deflater, inflater = Deflater(Agreement()), Inflater(Agreement())
    first, second = deflater.message(b"hello world"), deflater.message(b"hello world")
    assert len(second) < len(first)
    assert inflate(inflater, first) == inflate(inflater, second) == b"hello world"


def test_the_context_is_dropped_between_messages() -> None:
    deflater = Deflater(Agreement(server_no_context_takeover=True))
    assert deflater.message(b"hello world") == deflater.message(b"hello world")


@pytest.mark.parametrize(
    "packed",
    [
        b"\xf2\x48\xcd\xc9\xc9\x07\x00",  # Section 7.2.3.1: one block.
        b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",  # 7.2.3.3: no compression.
        b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",  # 7.2.3.4: BFINAL is 1.
        b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",  # 7.2.3.5: two blocks.
        b"\xf3\x48\xcd\xc9\xc9\x07\x00",  # A final block and nothing behind it.
    ],
)
def test_the_examples_of_the_rfc(packed: bytes) -> None:
    inflater = Inflater(Agreement())
    for _ in range(3):
        assert inflate(inflater, packed) == b"Hello"
        assert inflate(inflater, *[bytes([byte]) for byte in packed]) == b"Hello"


def test_the_context_is_used_as_in_the_example_of_the_rfc() -> None:
    inflater = Inflater(Agreement())
    assert inflate(inflater, b"\xf2\x48\xcd\xc9\xc9\x07\x00") == b"Hello"
    assert inflate(inflater, b"\xf2\x00\x11\x00\x00") == b"Hello"


def test_empty_messages() -> None:
    inflater = Inflater(Agreement())
    packed = zlib.compressobj(wbits=-15)
    whole = (packed.compress(b"x" * 50) + packed.flush(zlib.Z_SYNC_FLUSH))[:-4]
    for message, expected in ((b"\x00", b""), (b"", b""), (whole, b"x" * 50)):
        assert inflate(inflater, message) == expected


def test_it_is_never_inflated_further_than_asked() -> None:
    packed = zlib.compress(bytes(10_000_000), wbits=-15)
    with pytest.raises(ParseFailed, match="inflates to too much"):
        Inflater(Agreement()).piece(packed, 1000)
    # Final blocks one after the other count together.
    small = zlib.compress(bytes(60), wbits=-15)
    with pytest.raises(ParseFailed, match="inflates to too much"):
        Inflater(Agreement()).piece(small + small, 100)
