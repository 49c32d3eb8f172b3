"""Messages and chunks by themselves."""

import gzip

from asgitrace.store.model import Exchange
from asgitrace.views.body.message import body_of
from tests.tui.detail.samples import Script, http

PLAIN = b"<p>Tea is served.</p>" * 20


def response(*chunks: bytes, encoding: bytes = b"gzip") -> Exchange:
    headers = [[b"content-type", b"text/html"], [b"content-encoding", encoding]]
    script: Script = http("GET", "/tea")
    script.receive("http.request", body=b"", more_body=False)
    script.send("http.response.start", status=200, headers=headers)
    for number, chunk in enumerate(chunks, start=1):
        script.send("http.response.body", body=chunk, more_body=number < len(chunks))
    return script.done().exchange(1)


def chunks_of(exchange: Exchange) -> list[tuple[str, str]]:
    """Type and encoding with which the chunks of the response are shown."""
    bodies = [body_of(event, exchange) for event in exchange.events]
    return [(body.content_type, body.encoding) for body in bodies if body is not None]


def test_a_chunk_has_the_type_of_its_body() -> None:
    exchange = response(PLAIN, PLAIN, encoding=b"identity")
    assert chunks_of(exchange) == [("text/html", ""), ("text/html", "")]


def test_only_the_first_chunk_of_an_encoded_body_can_be_decoded() -> None:
    packed = gzip.compress(PLAIN)
    exchange = response(packed[:30], packed[30:])
    assert chunks_of(exchange) == [("text/html", "gzip"), ("", "")]
