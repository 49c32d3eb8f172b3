"""The demo's other HTTP handlers: slow, streaming, in pieces, in the background, failing."""

import asyncio
import hashlib
import json
import logging
from itertools import islice

from asgitrace.demo.request import Refusal, Request
from asgitrace.demo.shop import Shop

log = logging.getLogger("asgitrace.demo")

MEBIBYTE = 1 << 20
CHUNK = 1 << 16
UPLOAD_LIMIT = 64 * MEBIBYTE
REPORT_SECONDS = 0.15


async def slow(request: Request) -> None:
    """Answers after ``?ms=`` (at most 10 s)."""
    milliseconds = request.number("ms", 400, 0, 10_000)
    async with request.watched() as pause:
        await pause(milliseconds / 1000)
    await request.respond_json(200, {"waited_ms": milliseconds})


async def stream(request: Request) -> None:
    """``?n=`` lines of text, one every ``?ms=``."""
    lines = request.number("n", 10, 1, 1000)
    seconds = request.number("ms", 150, 0, 5000) / 1000
    async with request.watched() as pause:
        await request.start(200, [(b"content-type", b"text/plain; charset=utf-8")])
        for line in range(1, lines + 1):
            await request.write(f"line {line} of {lines}\n".encode())
            await pause(seconds)
        await request.write(b"", more=False)


async def events(request: Request) -> None:
    """Server-sent events, ``?n=`` of them, one every ``?ms=``; goes on from Last-Event-ID."""
    shop: Shop = request.state["shop"]
    count = request.number("n", 120, 1, 1000)
    seconds = request.number("ms", 500, 0, 5000) / 1000
    last = request.header(b"last-event-id") or b""
    first = int(last) + 1 if last.isdigit() and len(last) < 10 else 1
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    async with request.watched() as pause:
        await request.start(200, headers)
        for number in range(first, first + count):
            await request.write(_event(number, shop))
            await pause(seconds)
        await request.write(b"", more=False)


def _event(number: int, shop: Shop) -> bytes:
    items = list(shop.items.values())
    item = next(islice(items, number % len(items), None)) if items else None
    kind = "stock" if number % 4 == 0 else "offer"
    data = {"items": len(items)} if kind == "stock" else {"item": item}
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()


async def upload(request: Request) -> None:
    """Reads the body piece by piece; answers its size and SHA-256."""
    digest, size, pieces = hashlib.sha256(), 0, 0
    async for chunk in request.chunks():
        digest.update(chunk)
        size += len(chunk)
        pieces += 1
        if size > UPLOAD_LIMIT:
            raise Refusal(413, f"an upload may have {UPLOAD_LIMIT} bytes")
    log.info("upload of %d bytes in %d pieces", size, pieces)
    await request.respond_json(
        200, {"size": size, "sha256": digest.hexdigest(), "messages": pieces}
    )


async def download(request: Request) -> None:
    """``?mb=`` mebibytes in pieces of 64 KiB: a slow reader makes ``send`` wait."""
    size = request.number("mb", 4, 1, 64) * MEBIBYTE
    headers = [
        (b"content-type", b"application/octet-stream"),
        (b"content-length", b"%d" % size),
        (b"content-disposition", b'attachment; filename="demo.bin"'),
    ]
    chunk = bytes(range(256)) * (CHUNK // 256)
    async with request.watched() as pause:
        await request.start(200, headers)
        for sent in range(CHUNK, size + 1, CHUNK):
            await request.write(chunk, more=sent < size)
            if sent < size:  # after the last byte a disconnect is no loss
                await pause(0)


async def report(request: Request) -> None:
    """202 at once; the work goes on after the last byte of the response."""
    await request.respond_json(202, {"status": "accepted"})
    await asyncio.sleep(REPORT_SECONDS)
    log.info("report written after the response")


async def boom(request: Request) -> None:
    """Raises ValueError with a chained cause."""
    order = {"lines": 3}
    try:
        await request.respond_json(200, {"total": order["total"]})
    except KeyError as error:
        raise ValueError("the order cannot be billed") from error


async def old(request: Request) -> None:
    """A redirect to the items."""
    location = f"{request.scope.get('root_path', '')}/api/items"
    await request.respond(307, headers=[(b"location", location.encode())])
