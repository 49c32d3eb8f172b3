"""What a content type says."""

import re
from typing import Final

_PARAMETER: Final = re.compile(
    r';[ \t]*+([^\s;=]++)[ \t]*+=[ \t]*+("(?:[^"\\]|\\.)*+"?+|[^;]*+)', re.DOTALL
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_LONGEST: Final = 4_096


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters, of which the first of a name counts
    (RFC 9110, 8.3.1)."""
    shown = content_type[:_LONGEST]
    essence, _, _ = shown.partition(";")
    parameters: dict[str, str] = {}
    for name, value in _PARAMETER.findall(shown, len(essence)):
        bare = value.strip().strip("'")
        if value.startswith('"'):
            bare = _ESCAPE.sub(r"\1", value[1:].removesuffix('"'))
        parameters.setdefault(name.lower(), bare)
    return essence.strip().lower(), parameters
