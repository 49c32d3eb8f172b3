"""The request target as it came, and what the scope made of it."""

from typing import Any, Final
from urllib.parse import unquote_to_bytes

from asgitrace.views.fields import Field, heading, value_text
from asgitrace.views.headers.scope import FACTS, TARGET, fact

_REQUEST: Final = "the first line of the request, byte for byte"


def target_fields(scope: dict[str, Any], line: bytes | None) -> list[Field]:
    """Path, raw path, mount and query string beside the target of a request line, where that is
    known; whatever one does not follow from the other is said."""
    if not TARGET & scope.keys():
        return []
    fields = [heading("Target")]
    target = _target(line)
    if line is not None:
        fields.append(Field("request", value_text(line), about=_REQUEST))
    raw, path, root = (scope.get(key) for key in ("raw_path", "path", "root_path"))
    for key in ("raw_path", "path", "root_path", "query_string"):
        if key in scope:
            notes = _NOTED[key](scope) if key in _NOTED else []
            fields.append(_with_notes(fact(key, scope[key], FACTS[key]), notes))
    if target is not None:
        fields += [Field("", *note, indent=2) for note in _against(target, raw, root, scope)]
    elif line is None and not isinstance(raw, bytes) and isinstance(path, str):
        fields.append(Field("", "no raw_path: how it was escaped is not known", "dim", indent=2))
    return fields


def _with_notes(field: Field, notes: list[tuple[str, str]]) -> Field:
    """A fact, with what is to be said of it below."""
    parts = tuple(Field("", words, style, indent=2) for words, style in notes)
    style = "warn" if any(style == "warn" for _, style in notes) else field.style
    return Field(
        field.label, field.value, style, about=field.about, parts=parts, opened=bool(parts)
    )


def _target(line: bytes | None) -> bytes | None:
    parts = line.split(b" ") if line else []
    return parts[1] if len(parts) == 3 else None


def _path(scope: dict[str, Any]) -> list[tuple[str, str]]:
    raw, path = scope.get("raw_path"), scope.get("path")
    if not (isinstance(raw, bytes) and isinstance(path, str)):
        return []
    plain = unquote_to_bytes(raw).decode("utf-8", "replace")
    if plain != path:
        return [("not what raw_path decodes to", "warn")]
    notes = []
    if b"%2f" in raw.lower():
        notes.append(("%2F became /: in path it can no longer be told from a slash", "notice"))
    if "\ufffd" in path:
        notes.append(("not UTF-8: the bytes are in raw_path only", "notice"))
    if not notes and b"%" in raw:
        notes.append(("raw_path with its escapes undone", "dim"))
    return notes


def _root(scope: dict[str, Any]) -> list[tuple[str, str]]:
    root, path = scope.get("root_path"), scope.get("path")
    if not (isinstance(root, str) and root and isinstance(path, str)):
        return []
    if path != root and not path.startswith(root.rstrip("/") + "/"):
        return [("path does not begin with it, as ASGI asks: apps will look for another route",
                 "warn")]  # fmt: skip
    inside = path[len(root.rstrip("/")) :] or "/"
    notes = [(f"inside of it the path is {value_text(inside)}", "dim")]
    if path.startswith(root.rstrip("/") * 2 + "/"):
        notes.append(("path has it twice", "warn"))
    if root.endswith("/"):
        notes.append(("ends in a slash, which most frameworks do not expect", "notice"))
    return notes


def _query(scope: dict[str, Any]) -> list[tuple[str, str]]:
    query = scope.get("query_string")
    return [("begins with ?: the server left it there", "warn")] if (
        isinstance(query, bytes) and query.startswith(b"?")
    ) else []  # fmt: skip


_NOTED: Final = {"path": _path, "root_path": _root, "query_string": _query}


def _against(target: bytes, raw: Any, root: Any, scope: dict[str, Any]) -> list[tuple[str, str]]:
    """Where the scope is not what the request line says."""
    path, mark, query = target.partition(b"?")
    notes = []
    if path[:1] != b"/" and b"://" in path:
        _, slash, rest = path.partition(b"://")[2].partition(b"/")
        path = b"/" + rest if slash else b"/"
        notes.append(("absolute form: the host in the target comes before the Host header", "dim"))
    if isinstance(raw, bytes) and raw != path:
        mounted = isinstance(root, str) and raw == root.encode("utf-8", "replace") + path
        notes.append(
            ("the server put root_path in front of what the client asked for", "dim")
            if mounted
            else ("raw_path is not the path of the request", "warn")
        )
    if (given := scope.get("query_string")) != query and isinstance(given, bytes):
        notes.append(("query_string is not that of the request", "warn"))
    if mark and not query:
        notes.append(("a question mark with nothing behind it", "dim"))
    return notes
