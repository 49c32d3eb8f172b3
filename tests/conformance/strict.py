"""A strict reading of a stream of requests, apart from the server's own: what an app may see.

RFC 9112 by regular expressions over the whole stream, with no lenience; limits and targets as the
server has them. Slow and simple, to be compared with.
"""

import re
from dataclasses import dataclass

_LINE = re.compile(rb"([A-Z0-9!#$%&'*+.^_`|~-]+) ([!-~]+) HTTP/1\.(\d)\r\n")
_TOKEN = rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*((?:[!-~\x80-\xff\t ]*[!-~\x80-\xff])?)[ \t]*\r\n")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-fv:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::\d*)?")
_VALUE = rb"(?:" + _TOKEN + rb'|"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*")'
_EXTENSION = rb"[ \t]*;[ \t]*" + _TOKEN + rb"(?:[ \t]*=[ \t]*" + _VALUE + rb")?"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(?:" + _EXTENSION + rb")*\r\n")


_URL = re.compile(rb"(?i:https?)://([^/?#]+)([/?][^#]*)?")


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose head is well-formed; without `body` where its content is not complete."""

    method: str
    target: bytes
    body: bytes | None


class _Refused(Exception):
    """What follows is not HTTP, or not complete."""


def read(stream: bytes) -> list[Request]:
    """The requests at the beginning of a stream, up to the first that is not one."""
    found: list[Request] = []
    at = 0
    try:
        while True:
            while stream.startswith(b"\r\n", at):
                at += 2
            line, fields, at = _head(stream, at)
            last = _is_last(line, fields)
            body: bytes | None = None
            try:
                body, at = _content(stream, at, fields)
            except _Refused:
                last = True
            found.append(Request(line[1].decode(), line[2], body))
            if last:
                return found
    except _Refused:
        return found


def _head(stream: bytes, at: int) -> tuple["re.Match[bytes]", dict[bytes, list[bytes]], int]:
    line = _LINE.match(stream, at)
    if line is None or not line[1].isupper() or line[1] in (b"CONNECT", b"TRACE"):
        raise _Refused
    at = line.end()
    fields: dict[bytes, list[bytes]] = {}
    while not stream.startswith(b"\r\n", at):
        field = _FIELD.match(stream, at)
        if field is None:
            raise _Refused
        fields.setdefault(field[1].lower(), []).append(field[2])
        at = field.end()
    _examine(line, fields)
    return line, fields, at + 2


def _examine(line: "re.Match[bytes]", fields: dict[bytes, list[bytes]]) -> None:
    hosts = fields.get(b"host", [])
    if len(hosts) > 1 or (line[3] != b"0" and not hosts):
        raise _Refused
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise _Refused
    _examine_target(line[1], line[2])
    _examine_framing(line[3], fields)


def _examine_target(method: bytes, target: bytes) -> None:
    if absolute := _URL.fullmatch(target):
        if not _HOST.fullmatch(absolute[1]):
            raise _Refused
    elif b"#" in target or (target[:1] != b"/" and (target, method) != (b"*", b"OPTIONS")):
        raise _Refused


def _examine_framing(version: bytes, fields: dict[bytes, list[bytes]]) -> None:
    lengths = _elements(fields, b"content-length")
    if b"transfer-encoding" in fields:
        codings = [coding.lower() for coding in _elements(fields, b"transfer-encoding") if coding]
        if b"content-length" in fields or version == b"0" or codings != [b"chunked"]:
            raise _Refused
    elif len(set(lengths)) > 1 or (lengths and not lengths[0].isdigit()):
        raise _Refused


def _elements(fields: dict[bytes, list[bytes]], name: bytes) -> list[bytes]:
    return [part.strip(b" \t") for value in fields.get(name, []) for part in value.split(b",")]


def _is_last(line: "re.Match[bytes]", fields: dict[bytes, list[bytes]]) -> bool:
    options = [option.lower() for option in _elements(fields, b"connection")]
    return b"close" in options or (line[3] == b"0" and b"keep-alive" not in options)


def _content(stream: bytes, at: int, fields: dict[bytes, list[bytes]]) -> tuple[bytes, int]:
    if b"transfer-encoding" in fields:
        return _chunks(stream, at)
    size = int(next(iter(_elements(fields, b"content-length")), b"0"))
    if at + size > len(stream):
        raise _Refused
    return stream[at : at + size], at + size


def _chunks(stream: bytes, at: int) -> tuple[bytes, int]:
    body = b""
    while True:
        line = _CHUNK.match(stream, at)
        if line is None:
            raise _Refused
        size, at = int(line[1], 16), line.end()
        if size == 0:
            break
        body += stream[at : at + size]
        at += size
        if not stream.startswith(b"\r\n", at):
            raise _Refused
        at += 2
    while not stream.startswith(b"\r\n", at):
        field = _FIELD.match(stream, at)
        if field is None:
            raise _Refused
        at = field.end()
    return body, at + 2
