"""Images: what their heads say, and a picture of them where Pillow is installed."""

from typing import Final

from asgitrace.views.body.faults import Fault
from asgitrace.views.body.image_heads import ImageHead, image_head
from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.picture import NoPicture, PictureLines, load
from asgitrace.views.fields import Field, FieldLines
from asgitrace.views.lines import Lines, Notes, Stack
from asgitrace.views.units import format_size

_LIMIT: Final = 16 * 1024 * 1024
_SURE: Final = frozenset({"PNG", "GIF", "JPEG", "WebP", "TIFF", "AVIF"})
"""Formats that are known by how they begin, whatever the type is."""
_SUBTYPES: Final = {
    "jpg": "JPEG", "pjpeg": "JPEG", "x-icon": "ICO", "vnd.microsoft.icon": "ICO", "x-ms-bmp": "BMP",
    "x-png": "PNG", "heif": "HEIF",
}  # fmt: skip


def render(data: bytes, sample: Sample) -> Lines:
    """An image. Raises CannotRender for what is none that is known."""
    head = image_head(data)
    if head is None:
        raise CannotRender("not the beginning of an image that is known")
    fields = FieldLines(_fields(head, data, sample))
    return Stack([fields, _picture(head, data, sample)])


def _picture(head: ImageHead, data: bytes, sample: Sample) -> Lines:
    if not (sample.ended and sample.whole):
        return Notes([" no picture until all of it is there"], "faint")
    if not head.width or not head.height:
        return Fault("its head is not all there")
    note = f"the first of {head.frames:,} frames, " if head.frames > 1 else ""
    try:
        return PictureLines(load(data, head.width * head.height, head.kind), note)
    except NoPicture as error:
        return Fault(str(error))


def _fields(head: ImageHead, data: bytes, sample: Sample) -> list[Field]:
    fields = [Field("type", head.kind)]
    named = _named(sample)
    if named and named != head.kind.lower():
        fields.append(Field("but", f"the content type says {sample.media_type}", "warn"))
    if head.width and head.height:
        fields.append(Field("size", f"{head.width:,} × {head.height:,} pixels"))
    if head.colours:
        fields.append(Field("colours", head.colours))
    if head.frames != 1:
        fields.append(Field("frames", f"{head.frames:,}"))
    if head.detail:
        fields.append(Field("detail", head.detail))
    size = max(len(data), sample.size)
    fields.append(Field("file", f"{size:,} bytes ({format_size(size)})"))
    return fields


def _named(sample: Sample) -> str:
    """The format that the content type names, in lower case."""
    kind, _, subtype = sample.media_type.partition("/")
    return _SUBTYPES.get(subtype, subtype).lower() if kind == "image" else ""


def _rate(sample: Sample) -> Rating:
    if sample.text:
        return Rating.NO
    head = image_head(sample.start)
    if head is None:
        return Rating.NO
    if _named(sample):
        return Rating.NAMED
    return Rating.LIKELY if head.kind in _SURE else Rating.ABLE


RENDERER: Final = Renderer("Image", _rate, whole(render, _LIMIT))
