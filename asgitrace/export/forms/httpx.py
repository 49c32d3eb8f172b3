"""A request as code that sends it with httpx."""

from collections.abc import Iterator
from typing import Final

from asgitrace.export.forms.call import Call, call_of
from asgitrace.export.forms.model import Form
from asgitrace.export.forms.place import is_plain
from asgitrace.export.forms.python import header_lines, imports, spoken
from asgitrace.export.forms.quoting import python_literal, uses_base64
from asgitrace.store.model import Exchange, RowKind


def write(exchange: Exchange, address: str) -> str:
    """A script. The request is made by itself, without the headers that a client adds."""
    call = call_of(exchange, address)
    body = spoken(call.body)
    return "".join(
        f"{line}\n"
        for line in (
            *imports(["import base64"] * uses_base64(body), ["import httpx"]),
            *(f"# {note}" for note in _notes(call)),
            *_request(call, body),
            "",
            *_sending(call),
        )
    )


def _request(call: Call, body: str | bytes) -> Iterator[str]:
    yield "request = httpx.Request("
    yield f"    {python_literal(call.method, 4)},"
    yield f"    {python_literal(call.place.url(call.target), 4)},"
    if call.headers:
        yield "    headers=["
        yield from header_lines(call.headers, 8)
        yield "    ],"
    if call.has_body:
        yield f"    content={python_literal(body, 4)},"
    if not is_plain(call.target):
        yield f'    extensions={{"target": {python_literal(_visible(call.target), 4)}}},'
    yield ")"


def _sending(call: Call) -> Iterator[str]:
    yield f"with httpx.Client({', '.join(_options(call))}) as client:"
    if call.streams:
        yield "    response = client.send(request, stream=True)"
        yield "    print(response.status_code, response.reason_phrase)"
        yield "    for text in response.iter_text():"
        yield '        print(text, end="", flush=True)'
    else:
        yield "    response = client.send(request)"
        yield "print(response.status_code, response.reason_phrase)"
        yield "print(response.text)"


def _options(call: Call) -> Iterator[str]:
    if call.place.socket:
        yield f"transport=httpx.HTTPTransport(uds={call.place.socket!r})"
    if call.version == "2":
        yield "http2=True, http1=False"
    yield f"timeout={None if call.streams else 30}"


def _visible(target: bytes) -> bytes:
    """A target of visible ASCII; h11, which httpx has its protocol from, takes no other."""
    return b"".join(b"%c" % byte if 0x21 <= byte <= 0x7E else b"%%%02X" % byte for byte in target)


def _notes(call: Call) -> Iterator[str]:
    yield from call.notes
    if _visible(call.target) != call.target:
        yield "The request target has bytes in it that this client sends as percent-encoded."
    if call.version == "2":
        yield "HTTP/2 needs: pip install httpx[http2]"
    if call.place.secure:
        yield "With a certificate of your own: verify=ssl.create_default_context(cafile=...)"


FORM: Final = Form("httpx", "Python code for httpx", ".py", "#", frozenset({RowKind.HTTP}), write)
