"""The JSON Schema of a line, generated from its types: ``python -m asgitrace.export.schema``."""

import json
import sys
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from asgitrace.export.content import BYTE_KEYS, WRAPPERS
from asgitrace.export.lines import FORMAT, Line

_CONTENT: Final = {"$ref": "#/$defs/Content"}


class BytesWrapper(Struct, forbid_unknown_fields=True):
    """Bytes, given as the text they are in UTF-8."""

    text: str = msgspec.field(name="bytes")


class StrWrapper(Struct, forbid_unknown_fields=True):
    """A str in a place where a bare string means bytes."""

    text: str = msgspec.field(name="str")


class Base64Wrapper(Struct, forbid_unknown_fields=True):
    """Bytes that are not UTF-8."""

    data: bytes = msgspec.field(name="base64")


class FloatWrapper(Struct, forbid_unknown_fields=True):
    """A float that JSON does not have."""

    name: Literal["nan", "inf", "-inf"] = msgspec.field(name="float")


class DictWrapper(Struct, forbid_unknown_fields=True):
    """A dict with keys other than str, or that could be taken for a wrapper: its pairs."""

    pairs: list[tuple[Any, Any]] = msgspec.field(name="dict")


_WRAPPER_TYPES: Final = (BytesWrapper, StrWrapper, Base64Wrapper, FloatWrapper, DictWrapper)


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line."""
    roots, parts = msgspec.json.schema_components(
        (Line, *_WRAPPER_TYPES), ref_template="#/$defs/{name}"
    )
    parts["DictWrapper"]["properties"]["dict"]["items"]["prefixItems"] = [_CONTENT, _CONTENT]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of a trace of asgitrace, format {FORMAT}",
        **roots[0],
        "$defs": {**parts, "Content": _content(list(roots[1:]))},
    }


def _content(wrappers: list[dict[str, Any]]) -> dict[str, Any]:
    places = ", ".join(sorted(BYTE_KEYS))
    taken = [{"required": [name]} for name in sorted(WRAPPERS)]
    clear = {
        "type": "object",
        "additionalProperties": _CONTENT,
        "not": {"maxProperties": 1, "anyOf": taken},
    }
    return {
        "description": (
            "A scope, message, value or exception. A bare string is a str; but as one of the "
            f"members {places} of a scope or message, and in lists there, it is bytes of UTF-8."
        ),
        "anyOf": [
            {"type": ["null", "boolean", "number", "string"]},
            {"type": "array", "items": _CONTENT},
            *wrappers,
            clear,
        ],
    }


def main() -> None:
    """Print the schema."""
    json.dump(schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
