"""What the heads of image files say: nothing is decoded, and every length is doubted."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MOST_BLOCKS: Final = 20_000
"""Blocks of a file that are walked through for its frames."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_COLOURS: Final = {0: "grey", 2: "RGB", 3: "palette", 4: "grey and alpha", 6: "RGBA"}
_JPEG_COLOURS: Final = {1: "grey", 3: "YCbCr", 4: "CMYK"}
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE: Final = frozenset((0x01, *range(0xD0, 0xD9)))
"""Markers without a length."""


@dataclass(frozen=True, slots=True)
class ImageHead:
    """An image as its head describes it."""

    kind: str
    width: int = 0
    height: int = 0
    """0: the head is not all there."""
    colours: str = ""
    frames: int = 1
    detail: str = ""


_Reader = Callable[[bytes], ImageHead]


def image_head(data: bytes) -> ImageHead | None:
    """What an image is; None for what begins like none that is known. Never raises."""
    name, read = _format(data)
    if read is None:
        return None
    try:
        return read(data)
    except (struct.error, IndexError):
        return ImageHead(name)


def _format(data: bytes) -> tuple[str, _Reader | None]:
    for start, name, read in _FORMATS:
        if data.startswith(start):
            return name, read
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP", _webp
    name = _BRANDS.get(data[8:12], "") if data[4:8] == b"ftyp" else ""
    return name, _heif if name else None


def _png(data: bytes) -> ImageHead:
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    colours = f"{_PNG_COLOURS.get(colour, f'colour type {colour}')}, {depth} bits a channel"
    frames = 1
    at = 8
    for _ in range(_MOST_BLOCKS):
        if at + 8 > len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"acTL":
            frames = struct.unpack_from(">I", data, at + 8)[0]
        if name in (b"acTL", b"IDAT", b"IEND"):
            break
        at += 12 + length
    return ImageHead("PNG", width, height, colours, frames, "interlaced" if interlaced else "")


def _gif(data: bytes) -> ImageHead:
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    frames, complete = _gif_frames(data, packed)
    colours = f"palette of {2 << (packed & 7)}" if packed & 0x80 else "palettes of its frames"
    return ImageHead("GIF", width, height, colours, frames, "" if complete else "not all there")


def _gif_frames(data: bytes, packed: int) -> tuple[int, bool]:
    """Frames up to where the file ends, or is no GIF; and whether its end was met."""
    at = 13 + (3 << ((packed & 7) + 1) if packed & 0x80 else 0)
    frames = 0
    for _ in range(_MOST_BLOCKS):
        kind = data[at : at + 1]
        if kind == b"\x3b":
            return frames, True
        if kind == b"\x21":
            at += 2
        elif kind == b"\x2c" and at + 9 < len(data):
            frames += 1
            flags = data[at + 9]
            at += 11 + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)
        else:
            break
        at = _behind_blocks(data, at)
    return frames, False


def _behind_blocks(data: bytes, at: int) -> int:
    """Behind GIF's blocks of data, which an empty one ends."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _jpeg(data: bytes) -> ImageHead:
    at = 2
    for _ in range(_MOST_BLOCKS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker in _JPEG_ALONE:
            at += 2
            continue
        if marker in _JPEG_SIZES:
            depth, height, width, count = struct.unpack_from(">BHHB", data, at + 4)
            colours = f"{_JPEG_COLOURS.get(count, f'{count} channels')}, {depth} bits a channel"
            return ImageHead(
                "JPEG", width, height, colours, 1, "progressive" if marker == 0xC2 else ""
            )
        if marker in (0xD9, 0xDA):
            break
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return ImageHead("JPEG")


def _bmp(data: bytes) -> ImageHead:
    size = struct.unpack_from("<I", data, 14)[0]
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    return ImageHead("BMP", abs(width), abs(height), f"{bits} bits a pixel")


def _ico(data: bytes) -> ImageHead:
    count = struct.unpack_from("<H", data, 4)[0]
    sizes = [
        (data[at] or 256, data[at + 1] or 256)
        for at in range(6, min(6 + 16 * count, len(data) - 15), 16)
    ]
    width, height = max(sizes, default=(0, 0))
    return ImageHead("ICO", width, height, "", count, "one image for each size")


def _tiff(data: bytes) -> ImageHead:
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(f"{order}I", data, 4)[0]
    count = struct.unpack_from(f"{order}H", data, at)[0]
    found = {}
    for entry in range(at + 2, at + 2 + 12 * min(count, 200), 12):
        tag, kind = struct.unpack_from(f"{order}HH", data, entry)
        found[tag] = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, entry + 8)[0]
    return ImageHead("TIFF", found.get(256, 0), found.get(257, 0))


def _webp(data: bytes) -> ImageHead:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return ImageHead("WebP", width & 0x3FFF, height & 0x3FFF, "YUV", 1, "lossy")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        alpha = "RGBA" if bits >> 28 & 1 else "RGB"
        size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        return ImageHead("WebP", *size, alpha, 1, "lossless")
    flags = data[20]
    width = int.from_bytes(data[24:27], "little") + 1
    height = int.from_bytes(data[27:30], "little") + 1
    frames = _webp_frames(data) if flags & 2 else 1
    return ImageHead("WebP", width, height, "with alpha" if flags & 16 else "", frames)


def _webp_frames(data: bytes) -> int:
    at, frames = 12, 0
    for _ in range(_MOST_BLOCKS):
        if at + 8 > len(data):
            break
        name, size = struct.unpack_from("<4sI", data, at)
        frames += name == b"ANMF"
        at += 8 + size + (size & 1)
    return max(frames, 1)


def _heif(data: bytes) -> ImageHead:
    at = data.find(b"ispe", 0, 1 << 16)
    width, height = struct.unpack_from(">II", data, at + 8) if at >= 0 else (0, 0)
    return ImageHead(_BRANDS[data[8:12]], width, height)


_FORMATS: Final[tuple[tuple[bytes, str, _Reader], ...]] = (
    (_PNG, "PNG", _png),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"\xff\xd8\xff", "JPEG", _jpeg),
    (b"BM", "BMP", _bmp),
    (b"\0\0\1\0", "ICO", _ico),
    (b"II*\0", "TIFF", _tiff),
    (b"MM\0*", "TIFF", _tiff),
)
_BRANDS: Final = {
    b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF",
}  # fmt: skip
