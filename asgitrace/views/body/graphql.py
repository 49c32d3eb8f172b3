"""GraphQL requests: the document laid out, its variables beside it. As JSON, several of them in an
array, as ``application/graphql``, and in the messages of WebSocket protocols."""

import json
import re
from typing import Any, Final

from asgitrace.views.body.graphql_text import LONGEST, GraphqlLines
from asgitrace.views.body.model import CannotRender, Rating, Renderer, Sample
from asgitrace.views.body.parts import whole
from asgitrace.views.body.values import ValueLines
from asgitrace.views.fields import Field, FieldLines, heading
from asgitrace.views.lines import Lines, Stack
from asgitrace.views.wrap import TextLines

_TYPE: Final = "application/graphql"
_MOST: Final = 50
"""Requests of a batch that are shown."""
_SHOWN: Final = ("query", "operationName", "variables", "extensions")

_WORDS: Final = r"(?:query|mutation|subscription|fragment|\{)"
_DOCUMENT: Final = re.compile(rf"(?:[\s,]|\#[^\n\r]*+)*+{_WORDS}")
_QUERY: Final = re.compile(
    rf'"query"\s*+:\s*+"(?:[\s,]|\\[nrt]|\#(?:[^\\"]|\\[^nr])*+)*+{_WORDS}'.encode("ascii")
)
"""The same in JSON, where a line ends with an escape."""
_NAMED: Final = re.compile(r"(query|mutation|subscription)\s++([^\W\d]\w*+)")


def render(data: bytes, sample: Sample) -> Lines:
    """The requests in a body. Raises CannotRender where there is none."""
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    if sample.media_type == _TYPE and not text.lstrip().startswith(('{"', "[")):
        return _lines({"query": text})
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise CannotRender("not JSON") from None
    requests = [found for item in _several(value) if (found := _request(item))]
    if not requests:
        raise CannotRender("no GraphQL request in it")
    if len(requests) == 1:
        return _lines(requests[0])
    parts: list[Lines] = []
    for number, request in enumerate(requests[:_MOST], 1):
        parts += [FieldLines([heading(f"{number} of {len(requests):,}")]), _lines(request)]
    if len(requests) > _MOST:
        parts.append(FieldLines([heading(f"only {_MOST} are shown")]))
    return Stack(parts)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _request(value: Any) -> dict[str, Any] | None:
    """The request in a value; a WebSocket message has it as its payload."""
    if isinstance(value, dict) and isinstance(value.get("payload"), dict):
        value = value["payload"]
    if not isinstance(value, dict):
        return None
    query = value.get("query")
    known = isinstance(query, str) and _DOCUMENT.match(query)
    extensions = value.get("extensions")
    persisted = isinstance(extensions, dict) and "persistedQuery" in extensions
    return value if known or persisted else None


def _lines(request: dict[str, Any]) -> Lines:
    query = request.get("query")
    document = query if isinstance(query, str) else ""
    parts: list[Lines] = [FieldLines(_about(request, document))]
    if document:
        parts.append(GraphqlLines(document) if len(document) <= LONGEST else TextLines(document))
    for name in ("variables", "extensions"):
        if request.get(name):
            parts += [FieldLines([heading(name)]), ValueLines(request[name])]
    rest = {name: value for name, value in request.items() if name not in _SHOWN}
    if rest:
        parts += [FieldLines([heading("besides")]), ValueLines(rest)]
    return Stack(parts)


def _about(request: dict[str, Any], document: str) -> list[Field]:
    wanted = request.get("operationName")
    named = _NAMED.search(document[:LONGEST])
    if isinstance(wanted, str) and wanted:
        return [Field("operation", wanted)]
    if named:
        return [Field("operation", f"{named[2]}  ({named[1]})")]
    if document:
        return [Field("operation", "without a name", "dim")]
    return [Field("operation", "persisted: the document was not sent", "dim")]


def _rate(sample: Sample) -> Rating:
    if sample.media_type == _TYPE:
        return Rating.NAMED
    if sample.start.lstrip()[:1] in (b"{", b"[") and _QUERY.search(sample.start):
        return Rating.EXACT
    return Rating.NO


RENDERER: Final = Renderer("GraphQL", _rate, whole(render))
