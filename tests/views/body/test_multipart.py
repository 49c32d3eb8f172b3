"""Bodies of several parts."""

from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.views.body.model import CannotRender, Rating, Sample
from asgitrace.views.body.multipart import RENDERER, parse_head
from asgitrace.views.body.records import RecordLines
from asgitrace.views.lines import Lines
from tests.views.body.rendered import lines_of, rendered, sample_of
from tests.views.drawn import drawn

BOUNDARY = "X-4711"
CONTENTS = st.binary(max_size=60) | st.sampled_from(
    [b"", b"\r\n", b"\r", b"\n--X-471", b"--X-4711x\r\n", b"\r\n--X-47110--", b"-" * 50]
)


def form(parts: list[tuple[str, bytes]]) -> bytes:
    """As a browser sends it."""
    pieces = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (BOUNDARY.encode(), name.encode(), content)
        for name, content in parts
    ]
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


def sample(data: bytes, boundary: str = BOUNDARY) -> Sample:
    return sample_of(data, "multipart/form-data", {"boundary": boundary})


def contents(lines: Lines) -> list[bytes]:
    assert isinstance(lines, RecordLines)
    records = [lines.record(number) for number in range(lines.count)]
    return [record[parse_head(record).start :] for record in records]


@settings(max_examples=50)
@given(st.lists(CONTENTS, max_size=6), st.integers(1, 7))
def test_every_content_comes_back(held: list[bytes], pieces: int) -> None:
    data = form([("n", content) for content in held])
    lines = lines_of(RENDERER, data, sample(data), pieces)
    assert contents(lines) == held


def test_shows_parts_with_what_is_in_them() -> None:
    data = form([("name", "Zoë".encode()), ("empty", b"")]).removesuffix(b"--\r\n") + (
        b'\r\nContent-Disposition: form-data; name="file"; filename="n\xc3\xa4me.json"\r\n'
        b'Content-Type: application/json\r\n\r\n{"a": [1]}\r\n--X-4711\r\n\r\nbare\r\n--X-4711--'
    )
    assert rendered(RENDERER, data, sample(data)) == [
        " ▾    1  name                      4B  Zoë",
        '     Content-Disposition  form-data; name="name"',
        "     content",
        "     Zoë",
        " ▾    2  empty                      0",
        '     Content-Disposition  form-data; name="empty"',
        "     content",
        "     empty",
        " ▾    3  file                     10B  file näme.json  application/json",
        '     Content-Disposition  form-data; name="file"; filename="näme.json"',
        "     Content-Type         application/json",
        "     content",
        "     ▾ {",
        '       ▾ "a": [',
        "           1",
        "         ]",
        "       }",
        " ▾    4  no name                   4B  bare",
        "     content",
        "     bare",
    ]


def test_parts_in_parts_are_bounded() -> None:
    inner: MIMEText | MIMEMultipart = MIMEText("the bottom", "plain", "utf-8")
    for _ in range(7):
        outer = MIMEMultipart("mixed")
        outer.attach(inner)
        inner = outer
    attached = MIMEApplication(b"\0\1", name="x.bin")
    outer.attach(attached)
    data = outer.as_bytes().partition(b"\n\n")[2]
    lines = lines_of(RENDERER, data, sample(data, outer.get_boundary() or ""))
    shown = drawn(lines)
    assert "content, base64 undone" in shown[-2]
    assert "00 01" in shown[-1]
    for _ in range(20):
        for index in reversed(range(len(lines))):
            lines.toggle(index, True)
    assert any(line.strip().startswith("--====") for line in drawn(lines))


def test_the_encoding_of_a_part_is_undone() -> None:
    data = (
        b"--b\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\na=C3=A4\r\n"
        b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\nA\r\n--b--"
    )
    shown = rendered(RENDERER, data, sample(data, "b"))
    assert shown[3].strip() == "aä"
    assert shown[-1].strip() == "A"


@pytest.mark.parametrize(
    ("header", "name", "filename"),
    [
        (b"form-data; name=a; filename*=utf-8''n%C3%A4", "a", "nä"),
        (b"form-data; name=a; filename*=no-such-charset''x%ff", "a", "x%ff"),
        (b"form-data; name*0=a; name*99999999999999999999=b", "ab", ""),
        (b'form-data; name="', '"', ""),
        (b"form-data; name=\xff\x1b", "\udcff\x1b", ""),
        (b";" * 3000 + b'"' * 10_000, "", ""),
        (b"", "", ""),
    ],
)
def test_heads_that_are_odd(header: bytes, name: str, filename: str) -> None:
    head = parse_head(b"Content-Disposition: " + header + b"\r\n\r\nx")
    assert head.filename in (filename, "x\ufffd", "xÿ")
    assert head.name == name or "\ufffd" in head.name


def test_a_head_without_an_end_is_bounded() -> None:
    head = parse_head(b"A: b\r\n" * 10_000)
    assert head.start == 16_384
    assert len(head.headers) == 100


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"--b\r\n\r\nx", "the closing boundary is missing"),
        (b"--b", "the closing boundary is missing"),
        (b"nothing of the kind", "its boundary is not in it"),
    ],
)
def test_says_what_is_missing(data: bytes, fault: str) -> None:
    try:
        shown = rendered(RENDERER, data, sample(data, "b"))
    except CannotRender as error:
        shown = [str(error)]
    assert fault in shown[-1]


def test_what_is_before_the_first_boundary_is_no_part() -> None:
    data = b"preamble\r\n--b\r\n\r\nx\r\n--b--\r\nepilogue --b"
    assert contents(lines_of(RENDERER, data, sample(data, "b"))) == [b"x"]


@pytest.mark.parametrize(
    ("data", "kind", "parameters", "rating"),
    [
        (b"", "multipart/form-data", {"boundary": "b"}, Rating.NAMED),
        (b"--b\r\nA: b\r\n", "multipart/mixed", {}, Rating.NAMED),
        (b"--b\r\nA: b\r\n", "", {}, Rating.LIKELY),
        (b"", "multipart/mixed", {}, Rating.NO),
        (b"-- a comment\n", "text/plain", {}, Rating.NO),
    ],
)
def test_is_chosen_by_type_and_content(
    data: bytes, kind: str, parameters: dict[str, str], rating: Rating
) -> None:
    assert RENDERER.rate(sample_of(data, kind, parameters)) is rating


def test_needs_a_boundary() -> None:
    with pytest.raises(CannotRender, match="names no boundary"):
        RENDERER.part(sample_of(b"x", "multipart/mixed"))


def test_a_part_that_is_not_what_it_says_is_shown_with_its_error() -> None:
    data = (
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\nno boundary in it\r\n"
        b"--b\r\nContent-Type: application/grpc-web-text\r\n\r\nA===\r\n"
        b"--b\r\nContent-Type: multipart/mixed\r\n\r\nplain\r\n"
        b"--b\r\n\r\n\0\0\0\0\x09\x0a\x07message\r\n--b--"
    )
    shown = rendered(RENDERER, data, sample(data, "b"))
    assert any("its boundary is not in it" in line for line in shown)
    assert any("not base64" in line for line in shown)
