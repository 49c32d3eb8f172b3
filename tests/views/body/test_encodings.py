"""Content encodings undone."""

import gzip
import random
import sys
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.events import Kind
from asgitrace.views.body.bodies import Body
from asgitrace.views.body.decoded import Decoded
from asgitrace.views.body.encodings import FREE, Decoding, codings_of
from asgitrace.views.body.inflate import Damaged, Missing
from asgitrace.views.body.notes import body_note

ZEROS = bytes(32 * 1024 * 1024)


def bare(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=1),
    "zstd": zstandard.compress,
}
RANDOM = random.Random(7).randbytes(3_000)
DIGITS = RANDOM.hex().encode()
SAMPLE = DIGITS * 3


def encode(data: bytes, names: list[str]) -> bytes:
    for name in names:
        data = ENCODERS[name](data)
    return data


def decode(encoding: str, *pieces: bytes, most: int = 1 << 25) -> tuple[bytes, Decoding]:
    decoding = Decoding(encoding, most)
    found = bytearray()
    for number, piece in enumerate(pieces):
        decoding.feed(piece, final=number == len(pieces) - 1)
        found += decoding.work()
        while not decoding.idle:
            found += decoding.work()
    while not decoding.done:
        found += decoding.work()
    return bytes(found), decoding


@given(
    st.binary(max_size=300) | st.sampled_from([DIGITS, DIGITS * 20]),
    st.lists(st.sampled_from(sorted(ENCODERS)), min_size=1, max_size=3),
    st.lists(st.floats(0, 1), max_size=4),
)
def test_any_pieces_give_what_was_encoded(data: bytes, names: list[str], cuts: list[float]) -> None:
    packed = encode(data, names)
    places = [0, *sorted(int(cut * len(packed)) for cut in cuts), len(packed)]
    pieces = [packed[low:high] for low, high in pairwise(places)]
    found, decoding = decode(", ".join(names), *pieces)
    assert found == data
    assert not decoding.fault
    assert decoding.taken == len(packed)
    assert decoding.given == len(data)


@given(st.binary(max_size=300), st.sampled_from(sorted(ENCODERS)))
def test_anything_else_harms_nothing(data: bytes, name: str) -> None:
    decode(name, data)


@pytest.mark.parametrize("name", sorted(ENCODERS))
@given(cut=st.floats(0, 0.999))
def test_what_was_cut_is_decoded_up_to_there(name: str, cut: float) -> None:
    packed = ENCODERS[name](DIGITS)
    found, decoding = decode(name, packed[: int(cut * len(packed))])
    assert DIGITS.startswith(found)
    if decoding.taken:
        assert decoding.fault.endswith("too early")
    if name not in ("zstd", "br"):
        assert len(found) > cut * len(DIGITS) - 1_000


@pytest.mark.parametrize("name", sorted(ENCODERS))
def test_what_is_damaged_is_decoded_up_to_there(name: str) -> None:
    packed = bytearray(ENCODERS[name](SAMPLE * 20 + RANDOM))
    half = len(packed) // 2
    packed[half : half + 40] = b"\xff" * 40
    found, decoding = decode(name, bytes(packed))
    assert decoding.fault or found != SAMPLE * 20 + RANDOM
    if name in ("gzip", "deflate"):
        assert len(found) > 1_000


def test_a_wrong_checksum_is_told_and_costs_nothing() -> None:
    packed = bytearray(gzip.compress(SAMPLE))
    packed[-8] ^= 1
    found, decoding = decode("gzip", bytes(packed))
    assert found == SAMPLE
    assert decoding.fault == "gzip: incorrect data check"


def test_several_members_and_what_follows_them() -> None:
    assert decode("gzip", gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0")[0] == b"ab"
    assert decode("zstd", zstandard.compress(b"a") + zstandard.compress(b"b"))[0] == b"ab"
    for name in ("gzip", "br"):
        found, decoding = decode(name, ENCODERS[name](b"a"), b"rest")
        assert found == b"a"
        assert decoding.fault == f"{name}: something follows its end"


def test_bare_deflate() -> None:
    assert decode("deflate", *(bytes([byte]) for byte in bare(SAMPLE)))[0] == SAMPLE


@pytest.mark.parametrize("names", [["gzip"], ["gzip", "gzip"], ["br"], ["zstd"], ["zstd", "br"]])
def test_bombs_stop(names: list[str]) -> None:
    found, decoding = decode(", ".join(names), encode(ZEROS, names))
    assert len(found) <= 2 * FREE
    assert decoding.stopped
    assert "200 times its encoded size" in decoding.fault
    found, decoding = decode(", ".join(names), encode(ZEROS, names), most=100_000)
    assert len(found) == 100_000
    assert decoding.fault == "decoding stopped at 98k: more is not shown"


def test_slices_are_small() -> None:
    for names in (["gzip"], ["br"], ["zstd"], ["gzip", "zstd"]):
        decoding = Decoding(",".join(names))
        decoding.feed(encode(ZEROS, names), final=True)
        while not decoding.done:
            assert len(decoding.work()) <= 3 * 1024 * 1024


def test_names() -> None:
    assert codings_of(" GZIP , identity,br,, ") == ("gzip", "br")
    for encoding, words in (("compress", "compress is not known"), ("gzip," * 9, "9 codings")):
        with pytest.raises(Damaged, match=words):
            Decoding(encoding)


@pytest.mark.parametrize(("name", "package"), [("br", "brotli"), ("zstd", "zstandard")])
def test_a_missing_package_is_named(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Missing, match=package):
        Decoding(name)
    source = Decoded(body_of(ENCODERS[name](b"a"), name))
    assert not source.undone
    assert "pip install 'asgitrace[bodies]'" in body_note(source)[0]
    assert "as sent" in body_note(source)[0]


# Bodies


def body_of(data: bytes, encoding: str, size: int = 0) -> Body:
    body = Body.of(data, kind=Kind.SEND, size=size, content_type="text/plain")
    body.encoding = encoding
    return body


def settled(source: Decoded) -> Decoded:
    while source.work():
        pass
    return source


def shown(source: Decoded) -> bytes:
    return b"".join(run.data for run in source.runs)


def test_both_sizes_are_told() -> None:
    packed = gzip.compress(SAMPLE)
    source = settled(Decoded(body_of(packed, "gzip")))
    assert shown(source) == SAMPLE
    assert source.complete
    assert body_note(source)[0] == (
        f"text/plain · gzip {len(packed):,} bytes → {len(SAMPLE):,}, 1 chunk"
    )
    sent = Decoded(body_of(packed, "gzip"), as_sent=True)
    assert shown(sent) == packed
    assert sent.sample().media_type == ""


def test_what_was_not_recorded_cannot_be_decoded() -> None:
    packed = gzip.compress(RANDOM)
    source = settled(Decoded(body_of(packed[:1_000], "gzip", size=len(packed))))
    lost = len(packed) - 1_000
    assert source.fault == f"not recorded from here on: {lost:,} encoded bytes cannot be decoded"
    assert RANDOM.startswith(shown(source))
    assert len(shown(source)) > 500
    assert not source.complete
    late = body_of(b"", "gzip", size=10)
    late.finished = late.ended = False
    late._add(packed, 0)
    assert Decoded(late).fault == "cannot be decoded: its start was not recorded"


def test_what_is_not_encoded_at_all_is_seen() -> None:
    source = settled(Decoded(body_of(b"plain text", "gzip")))
    assert shown(source) == b"plain text"
    assert source.fault == "gzip: incorrect header check"
    assert not source.undone


def test_a_body_that_grows() -> None:
    packed = gzip.compress(SAMPLE)
    body = Body(Kind.SEND)
    body.encoding = "gzip"
    source = Decoded(body)
    for at in range(0, len(packed), 997):
        body._add(packed[at : at + 997], 0)
        settled(source)
        assert not source.ended
    body.finished = body.ended = True
    assert shown(settled(source)) == SAMPLE
    assert source.ended


def test_an_empty_encoded_body() -> None:
    source = settled(Decoded(body_of(b"", "gzip")))
    assert source.ended
    assert not source.fault
