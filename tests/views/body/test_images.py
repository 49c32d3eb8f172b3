"""Images: their heads, and pictures of them."""

import io
import struct
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from asgitrace.views.body import images
from asgitrace.views.body.image_heads import ImageHead, image_head
from asgitrace.views.body.images import RENDERER, render
from asgitrace.views.body.model import CannotRender, Rating
from asgitrace.views.body.picture import MISSING, NoPicture, PictureLines, load
from tests.views.body.rendered import everywhere, rate, rendered, sample_of, shown_or_refused
from tests.views.drawn import LOOKS, drawn


def image(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """A picture with a light and a dark half."""
    found = Image.new("RGBA", (width, height), (255, 255, 255, 255))
    found.paste((200, 0, 0, 255), (width // 2, 0, width, height))
    return found.convert(mode)


def saved(kind: str, mode: str = "RGB", width: int = 40, height: int = 20, **options: Any) -> bytes:
    target = io.BytesIO()
    image(width, height, mode).save(target, kind, **options)
    return target.getvalue()


FRAMES: dict[str, Any] = {
    "save_all": True,
    "append_images": [image(40, 20).rotate(90), image(40, 20).rotate(180)],
}
FILES = {
    "PNG": saved("PNG"),
    "RGBA": saved("PNG", "RGBA"),
    "APNG": saved("PNG", **FRAMES),
    "GIF": saved("GIF"),
    "frames": saved("GIF", **FRAMES),
    "JPEG": saved("JPEG"),
    "progressive": saved("JPEG", progressive=True, quality=90),
    "grey": saved("JPEG", "L"),
    "WEBP": saved("WEBP"),
    "lossless": saved("WEBP", "RGBA", lossless=True),
    "WEBPs": saved("WEBP", **FRAMES),
    "BMP": saved("BMP"),
    "ICO": saved("ICO", "RGBA", 32, 32, sizes=[(16, 16), (32, 32)]),
    "TIFF": saved("TIFF"),
}


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("PNG", ImageHead("PNG", 40, 20, "RGB, 8 bits a channel")),
        ("RGBA", ImageHead("PNG", 40, 20, "RGBA, 8 bits a channel")),
        ("APNG", ImageHead("PNG", 40, 20, "RGB, 8 bits a channel", 3)),
        ("frames", ImageHead("GIF", 40, 20, "palette of 4", 3)),
        ("JPEG", ImageHead("JPEG", 40, 20, "YCbCr, 8 bits a channel")),
        ("progressive", ImageHead("JPEG", 40, 20, "YCbCr, 8 bits a channel", 1, "progressive")),
        ("grey", ImageHead("JPEG", 40, 20, "grey, 8 bits a channel")),
        ("WEBP", ImageHead("WebP", 40, 20, "YUV", 1, "lossy")),
        ("WEBPs", ImageHead("WebP", 40, 20, "", 3)),
        ("BMP", ImageHead("BMP", 40, 20, "24 bits a pixel")),
        ("ICO", ImageHead("ICO", 32, 32, "", 2, "one image for each size")),
        ("TIFF", ImageHead("TIFF", 40, 20)),
    ],
)
def test_reads_heads(name: str, head: ImageHead) -> None:
    assert image_head(FILES[name]) == head


def test_reads_heads_of_other_kinds() -> None:
    avif = b"\0\0\0\x1cftypavif" + bytes(16) + b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", 7, 9)
    assert image_head(avif) == ImageHead("AVIF", 7, 9)
    assert image_head(avif[:20]) == ImageHead("AVIF")
    assert image_head(b"\0\0\0\x1cftypmp42") is None
    lossless = image_head(FILES["lossless"])
    assert lossless is not None
    assert (lossless.width, lossless.detail) == (40, "lossless")
    old = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 5, 6, 1, 8)
    assert image_head(old) == ImageHead("BMP", 5, 6, "8 bits a pixel")
    big = b"MM\0*\0\0\0\x08\0\x02" + struct.pack(">HHIHHHHII", 256, 3, 1, 5, 0, 257, 4, 1, 6)
    assert image_head(big) == ImageHead("TIFF", 5, 6)
    assert image_head(b"text") is None
    size = b"\xff\xc0\0\x0b\x08\0\x05\0\x06\x01"
    filled = b"\xff\xd8\xff\xd0\xff\xff\xfe\0\x02" + size
    assert image_head(filled) == ImageHead("JPEG", 6, 5, "grey, 8 bits a channel")
    assert image_head(b"\xff\xd8\xff\xd9") == ImageHead("JPEG")
    assert image_head(b"\xff\xd8\xff\xfe\0\x02x") == ImageHead("JPEG")
    gif = image_head(b"GIF89a\x05\0\x06\0\0\0\0!\xf9\x01x\0,")
    assert gif == ImageHead("GIF", 5, 6, "palettes of its frames", 0, "not all there")


@pytest.mark.parametrize("name", FILES)
def test_what_was_cut_is_told_as_far_as_it_is_there(name: str) -> None:
    data = FILES[name]
    for size in (*range(2, 60), len(data) - 3):
        image_head(data[:size])
    assert image_head(data[:16]) is not None


@settings(max_examples=50)
@given(st.sampled_from(list(FILES.values())), st.integers(0, 80), st.binary(max_size=12))
def test_a_damaged_image_is_shown_or_refused(data: bytes, at: int, change: bytes) -> None:
    data = data[:at] + change + data[at + len(change) :]
    RENDERER.rate(sample_of(data))
    shown_or_refused(render, data)


@pytest.mark.parametrize("name", [name for name in FILES if name != "TIFF"])
def test_shows_a_picture(name: str) -> None:
    lines = render(FILES[name], sample_of(FILES[name], "image/x"))
    assert len(drawn(lines)) >= 12
    everywhere(lines)


def test_tells_what_is_known() -> None:
    data = FILES["frames"]
    shown = rendered(RENDERER, data, sample_of(data, "image/png"))
    assert shown[:6] == [
        " type     GIF",
        " but      the content type says image/png",
        " size     40 × 20 pixels",
        " colours  palette of 4",
        " frames   3",
        f" file     {len(data):,} bytes ({len(data)}B)",
    ]
    assert shown[6] == " the first of 3 frames"
    assert shown[7].strip() == "▀" * 40


def test_shades_stand_for_colours_where_there_are_none() -> None:
    data = FILES["PNG"]
    shown = drawn(render(data, sample_of(data)), style=LOOKS[2])
    assert shown[4] == " shades stand for colours"
    assert shown[5] == "   " + "@" * 20 + ":" * 20
    light = PictureLines(load(data, 800, "PNG"))
    light.reflow(100)
    assert drawn(light, style=LOOKS[1])[1].strip() == "▀" * 40


def test_a_picture_fits_and_a_tiny_one_is_larger() -> None:
    wide = PictureLines(load(saved("PNG", width=400, height=100), 40_000, "PNG"))
    wide.reflow(44)
    assert len(wide) == 6
    tiny = PictureLines(load(saved("PNG", width=8, height=9), 72, "PNG"))
    tiny.reflow(44)
    assert len(tiny) == 10
    assert tiny.text(1) == ""
    odd = PictureLines(load(saved("PNG", width=30, height=31), 930, "PNG"))
    assert len(drawn(odd)) == 17


def test_what_is_too_large_is_not_decoded() -> None:
    data = bytearray(FILES["PNG"])
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    shown = rendered(RENDERER, bytes(data))
    assert shown[1] == " size     60,000 × 60,000 pixels"
    assert shown[-1] == " ✗ too large for a picture: 3,600 million pixels"


def test_says_why_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    data = FILES["PNG"]
    assert "cannot be decoded" in rendered(RENDERER, data[:60])[-1]
    assert rendered(RENDERER, FILES["TIFF"])[-1] == " ✗ no picture of TIFF files"
    assert rendered(RENDERER, data[:18])[-1] == " ✗ its head is not all there"
    growing = rendered(RENDERER, data, sample_of(data, ended=False))
    assert growing[-1] == " no picture until all of it is there"
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(NoPicture) as raised:
        load(data, 1, "PNG")
    assert str(raised.value) == MISSING
    assert rendered(RENDERER, data)[-1] == f" ✗ {MISSING}"


def test_refuses_what_is_no_image() -> None:
    with pytest.raises(CannotRender):
        images.render(b"text", sample_of(b"text"))


@pytest.mark.parametrize(
    ("data", "kind", "rating"),
    [
        (FILES["PNG"], "image/png", Rating.NAMED),
        (FILES["PNG"], "application/octet-stream", Rating.LIKELY),
        (FILES["BMP"], "image/x-ms-bmp", Rating.NAMED),
        (b"BM is a text", "", Rating.ABLE),
        (b"text", "image/png", Rating.NO),
        (b"<svg/>", "image/svg+xml", Rating.NO),
    ],
)
def test_is_chosen_by_content(data: bytes, kind: str, rating: Rating) -> None:
    assert rate(RENDERER, data, kind) is rating
    assert RENDERER.rate(sample_of(data, kind, text=True)) is Rating.NO
