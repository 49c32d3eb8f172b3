"""The ways to show a body, and which of them suits one."""

from typing import Final

from asgitrace.views.body import (
    cbor,
    form,
    graphql,
    grpc,
    images,
    json_part,
    jwt,
    msgpack,
    multipart,
    ndjson,
    protobuf,
    sse,
    text,
)
from asgitrace.views.body import hex as hexes
from asgitrace.views.body.model import Rating, Renderer, Sample

RENDERERS: Final[tuple[Renderer, ...]] = (
    sse.RENDERER,
    ndjson.RENDERER,
    graphql.RENDERER,
    jwt.RENDERER,
    images.RENDERER,
    multipart.RENDERER,
    form.RENDERER,
    msgpack.RENDERER,
    cbor.RENDERER,
    grpc.RENDERER,
    protobuf.RENDERER,
    json_part.RENDERER,
    text.RENDERER,
    hexes.RENDERER,
)
"""The particular ones before the general ones: of those that suit equally the first is taken."""

HEX: Final = hexes.RENDERER
"""Shows everything."""


def choose(sample: Sample) -> Renderer:
    """What suits best."""
    return max(RENDERERS, key=lambda renderer: rating(renderer, sample))


def able(sample: Sample) -> tuple[Renderer, ...]:
    """Those that can show it, in the order of the registry."""
    return tuple(found for found in RENDERERS if rating(found, sample) > Rating.NO)


def doubt(sample: Sample) -> str:
    """Why the content is not what its media type says; empty if it is, or says nothing."""
    return next(filter(None, (_safely(found, sample) for found in RENDERERS)), "")


def rating(renderer: Renderer, sample: Sample) -> Rating:
    """How well one suits; not at all if it fails at the question."""
    try:
        return renderer.rate(sample)
    except Exception:
        return Rating.NO


def _safely(renderer: Renderer, sample: Sample) -> str:
    try:
        return renderer.doubt(sample)
    except Exception:
        return ""
