"""Records that open: what SSE, ND-JSON, forms, parts and gRPC have in common."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body import form, grpc, multipart, ndjson, sse
from asgitrace.views.body.model import CannotRender, Renderer
from asgitrace.views.body.places import fold_by, path_of, place_of
from asgitrace.views.needle import Needle
from tests.views.body.rendered import everywhere, found, lines_of, rendered, sample_of
from tests.views.drawn import HOSTILE, drawn

ALL = (sse.RENDERER, ndjson.RENDERER, form.RENDERER, multipart.RENDERER, grpc.RENDERER)
SEEDS = (
    b"data: x\n\n", b"event: e\r\n", b": c\r\r", b'{"a": 1}\n', b"\x1e[1]\n", b"a=1&", b"%ff=%1b",
    b"--b\r\n", b'Content-Disposition: form-data; name="n"\r\n\r\n', b"\r\n--b--", b"--bb\r\n",
    b"\0\0\0\0\2\x08\1", b"\x80\0\0\0\0", b"\1\0\0\0\1\x1f", b"&&",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    *(text.encode("utf-8", "surrogatepass") for text in HOSTILE),
)  # fmt: skip
BYTES = st.binary(max_size=60) | st.lists(st.sampled_from(SEEDS), max_size=12).map(b"".join)


@pytest.mark.parametrize("renderer", ALL, ids=lambda renderer: renderer.name)
@settings(max_examples=30)
@given(data=BYTES, pieces=st.integers(1, 5))
def test_any_bytes_are_shown_or_refused(renderer: Renderer, data: bytes, pieces: int) -> None:
    sample = sample_of(data, "multipart/mixed", {"boundary": "b"})
    renderer.rate(sample_of(data))
    try:
        lines = lines_of(renderer, data, sample, pieces)
    except CannotRender:
        return
    everywhere(lines)


@pytest.mark.parametrize("renderer", ALL, ids=lambda renderer: renderer.name)
@settings(max_examples=30)
@given(data=BYTES, cuts=st.lists(st.integers(0, 200), max_size=4))
def test_pieces_give_what_the_whole_gives(renderer: Renderer, data: bytes, cuts: list[int]) -> None:
    sample = sample_of(data, "", {"boundary": "b"})

    def shown(pieces: Iterator[bytes]) -> list[str]:
        part = renderer.part(sample)
        try:
            for piece in pieces:
                part.feed(piece, final=False)
            part.feed(b"", final=True)
        except CannotRender as error:
            return [str(error)]
        return drawn(part.lines)

    places = [0, *sorted({min(cut, len(data)) for cut in cuts}), len(data)]
    in_pieces = (data[start:end] for start, end in pairwise(places))
    assert shown(in_pieces) == shown(iter([data]))


EVENTS = b"".join(b'data: {"n": %d, "deep": {"word": "w%d"}}\n\n' % (n, n) for n in range(50))


def test_opens_and_closes() -> None:
    lines = lines_of(sse.RENDERER, EVENTS, sample_of(EVENTS))
    before = drawn(lines)
    assert lines.toggle(3)
    assert not lines.toggle(3, True)
    opened = drawn(lines)
    assert opened[3].startswith(" ▾    4")
    assert opened[4] == "     event  message (none was named)"
    assert lines.parent(4) == 3
    assert lines.parent(8) == 6
    assert lines.parent(2) == 2
    assert lines.toggle(1)
    assert lines.toggle(1, False)
    assert lines.toggle(3, False)
    assert not lines.toggle(3, False)
    assert drawn(lines)[:3] == before[:3]


def test_what_is_inside_folds_too() -> None:
    lines = lines_of(sse.RENDERER, EVENTS, sample_of(EVENTS))
    lines.toggle(0)
    tree = next(at for at, line in enumerate(drawn(lines)) if line.endswith('"deep": {'))
    assert lines.toggle(tree)
    assert "1 member" in drawn(lines)[tree]
    assert path_of(lines, tree) == ".deep"
    assert lines.text(tree) == '{"word": "w0"}'
    assert lines.toggle(tree)
    assert fold_by(lines, -1, tree) == tree
    assert place_of(lines, len(lines) - 1) == f"50 at byte {EVENTS.rindex(b'data'):,}"


def test_finds_what_is_folded_and_opens_it() -> None:
    lines = lines_of(sse.RENDERER, EVENTS, sample_of(EVENTS))
    assert found(lines, "w7") == ['"word": "w7"']
    assert len(lines) > 50
    up = [index for index in lines.search(Needle("w4"), len(lines) - 1, -1) if index is not None]
    assert drawn(lines)[up[-1]].strip() == '"word": "w4"'
    assert len(up) == 11
    # What is open already is found in place.
    assert found(lines, "w7") == ['"word": "w7"']
    inside = next(at for at, line in enumerate(drawn(lines)) if '"w7"' in line)
    assert found(lines, "w7", inside) == ['"word": "w7"']
    assert found(lines, "nowhere") == []


def test_goes_up_past_what_was_searched() -> None:
    lines = lines_of(sse.RENDERER, EVENTS[:400], sample_of(EVENTS))
    assert lines.toggle(2)
    assert all(index is None for index in lines.search(Needle("w2"), 2, -1))
    lines = lines_of(sse.RENDERER, EVENTS[:400], sample_of(EVENTS))
    assert lines.toggle(2)
    last = max(at for at, line in enumerate(drawn(lines)) if '"w2"' in line)
    up = [index for index in lines.search(Needle("w2"), last, -1) if index is not None]
    assert up == [last]
    assert lines.marks(last, Needle("w2")) is None
    assert lines.marks(0, Needle("w2")) is None


def test_marks_are_where_the_content_is_drawn() -> None:
    data = b"data: " + b"x" * 300 + b"needle" + b"y" * 40 + b"\n\n"
    lines = lines_of(sse.RENDERER, data, sample_of(data))
    assert lines.toggle(0)
    shown = drawn(lines)
    at = next(at for at, line in enumerate(shown) if at and "needle" in line)
    marks = lines.marks(at, Needle("needle"))
    start = shown[at].index("needle")
    assert marks in (None, [(start, start + 6)])


@pytest.mark.parametrize("step", [1, -1])
def test_the_fault_is_found(step: int) -> None:
    lines = lines_of(sse.RENDERER, b"data: a\n\ndata: b", sample_of(b""))
    start = 0 if step > 0 else len(lines) - 1
    hits = [index for index in lines.search(Needle("browsers"), start, step) if index is not None]
    assert hits == [2]
    assert found(lines, "browsers", 2) == [drawn(lines)[2].strip()]


@pytest.mark.parametrize("renderer", ALL, ids=lambda renderer: renderer.name)
@pytest.mark.parametrize("byte", [b"\n", b"&", b" "])
def test_what_is_no_record_is_gone_through_in_windows(renderer: Renderer, byte: bytes) -> None:
    data = byte * (1_200_000 // len(byte))
    try:
        lines = lines_of(renderer, data, sample_of(data, "", {"boundary": "b-c"}))
    except CannotRender:
        return
    assert len(lines) <= 2


def test_what_is_nearly_a_boundary_is_gone_through_in_windows() -> None:
    sample = sample_of(b"", "", {"boundary": "b-c"})
    with pytest.raises(CannotRender, match="boundary is not in it"):
        multipart.RENDERER.part(sample).feed(b"\n--bx", final=True)
    long = b"--b\n" * 1_500 + b"\n--bx" * 12_000 + b"\n--b--"
    lines = lines_of(multipart.RENDERER, long, sample_of(long, "", {"boundary": "b"}))
    assert 1_499 <= sum(" no name " in line for line in drawn(lines, most=4_000)) <= 1_500


def test_a_line_that_has_no_more_is_found_itself() -> None:
    lines = lines_of(sse.RENDERER, b": ping pong\n\ndata: x\n\n", sample_of(b""))
    assert found(lines, "pong") == ["1  : ping pong"]
    assert not lines.toggle(0)


def test_a_fault_is_a_line_of_its_own() -> None:
    lines = lines_of(grpc.RENDERER, b"\0\0\0\0\1\x08" + b"\xff" * 9, sample_of(b""))
    last = len(lines) - 1
    assert drawn(lines)[last] == " ✗ no frame begins with 0xff, at byte 6, after 1 record"
    assert lines.text(last).startswith("no frame begins")
    assert lines.searched(last) == lines.text(last)
    assert place_of(lines, last) == ""
    assert not lines.toggle(last)
    with pytest.raises(CannotRender, match="no frame begins with 0xff"):
        rendered(grpc.RENDERER, b"\xff" * 9)


@pytest.mark.parametrize(
    ("renderer", "record"),
    [
        (sse.RENDERER, b"data: x\n\n"),
        (ndjson.RENDERER, b"[1]\n"),
        (form.RENDERER, b"a=b&"),
        (multipart.RENDERER, b"--b\r\nA: b\r\n\r\nx\r\n"),
        (grpc.RENDERER, b"\0\0\0\0\2\x08\1"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_100_000_records_are_found_a_slice_at_a_time(renderer: Renderer, record: bytes) -> None:
    part = renderer.part(sample_of(b"", "", {"boundary": "b"}))
    part.feed(record * 100_000, final=False)
    sizes = [len(part.lines)]
    assert sizes[0] < 5_000
    while part.lines.work():
        sizes.append(len(part.lines))
    assert 99_999 <= len(part.lines) <= 100_100
    assert all(after - before < 5_000 for before, after in pairwise(sizes))
    drawn(part.lines, most=3)
