"""The languages of web pages and of what goes with them, as tables for `highlight`."""

from typing import Final

from asgitrace.views.body.highlight import POP, Grammar, Rule
from asgitrace.views.body.model import Sample

_SPACE: Final = Rule(r"\s++")
_NUMBER: Final = Rule(r"(?:0x[\da-f_]++|\d[\d_]*+(?:\.[\d_]++)?+(?:e[+-]?+\d++)?+)n?+", "notice")
_WORDS: Final = (
    "abstract|as|async|await|break|case|catch|class|const|continue|debugger|default|delete|do|else"
    "|enum|export|extends|false|finally|for|from|function|get|if|implements|import|in|instanceof"
    "|interface|let|new|null|of|return|set|static|super|switch|this|throw|true|try|type|typeof"
    "|undefined|var|void|while|with|yield"
)


def _quoted(mark: str, over: tuple[Rule, ...] = ()) -> tuple[Rule, ...]:
    """Inside a string that ends with a mark, or with its line."""
    return (
        *over,
        Rule(rf"[^{mark}\\\n<]++", "good"),
        Rule(r"\\.", "notice"),
        Rule(mark, "good", POP),
        Rule(r"\n", "text", POP),
        Rule("<", "good"),
    )


def _script(name: str, over: tuple[Rule, ...] = ()) -> dict[str, tuple[Rule, ...]]:
    """JavaScript, TypeScript and JSON. The rules ``over`` come first in every state: they end it
    where it stands in something else."""
    code = (
        *over,
        _SPACE,
        Rule("//", "dim", f"{name} line comment"),
        Rule(r"/\*", "dim", f"{name} comment"),
        Rule('"', "good", f"{name} double"),
        Rule("'", "good", f"{name} single"),
        Rule("`", "good", f"{name} template"),
        Rule(rf"(?-i:{_WORDS})(?![\w$])", "after"),
        Rule(r"[^\W\d][\w$]*+|\$[\w$]*+"),
        _NUMBER,
    )
    return {
        name: (*code, Rule(r"[{}()\[\];,.:=<>!?&|+*%^~/-]", "faint")),
        f"{name} inner": (
            *code,
            Rule(r"\{", "faint", f"{name} inner"),
            Rule(r"\}", "faint", POP),
            Rule(r"[()\[\];,.:=<>!?&|+*%^~/-]", "faint"),
        ),
        f"{name} line comment": (
            *over, Rule(r"[^\n<]++", "dim"), Rule(r"\n", "text", POP), Rule("<", "dim"),
        ),
        f"{name} comment": (
            *over, Rule(r"\*/", "dim", POP), Rule(r"[^*<]++", "dim"), Rule("[*<]", "dim"),
        ),
        f"{name} double": _quoted('"', over),
        f"{name} single": _quoted("'", over),
        f"{name} template": (
            *over,
            Rule(r"\$\{", "notice", f"{name} inner"),
            Rule(r"[^`\\$<]++", "good"),
            Rule(r"\\.", "notice"),
            Rule("`", "good", POP),
            Rule("[$<]", "good"),
        ),
    }  # fmt: skip


def _sheet(name: str, over: tuple[Rule, ...] = ()) -> dict[str, tuple[Rule, ...]]:
    """CSS."""
    return {
        name: (
            *over,
            _SPACE,
            Rule(r"/\*", "dim", f"{name} comment"),
            Rule('"', "good", f"{name} double"),
            Rule("'", "good", f"{name} single"),
            Rule(r"@[\w-]++", "after"),
            Rule(r"#(?:[\da-f]{8}|[\da-f]{6}|[\da-f]{3,4})(?![\w-])", "notice"),
            Rule(r"[.#][\w-]++", "accent"),
            Rule(r"-?+(?:\d++(?:\.\d++)?+|\.\d++)(?:%|[a-z]{1,5}+)?+(?![\w-])", "notice"),
            Rule(r"![a-z]++", "warn"),
            Rule(r"[\w-]++(?=\s{0,8}:[^{};]{0,200}[;}])", "accent"),
            Rule(r"[\w-]++"),
            Rule(r"[{}();:,>+~*=\[\]]", "faint"),
        ),
        f"{name} comment": (
            *over, Rule(r"\*/", "dim", POP), Rule(r"[^*<]++", "dim"), Rule("[*<]", "dim"),
        ),
        f"{name} double": _quoted('"', over),
        f"{name} single": _quoted("'", over),
    }  # fmt: skip


def _tag(inside: str) -> tuple[Rule, ...]:
    """Between the name of an element and the end of its tag, which leads to ``inside``."""
    return (
        _SPACE,
        Rule('"', "good", "double"),
        Rule("'", "good", "single"),
        Rule(r"/>", "accent", POP),
        Rule(">", "accent", inside),
        Rule("(?=<)", "text", POP),
        Rule(r"[^\s\"'=<>/]++", "notice"),
        Rule("=", "faint"),
    )


def _markup(*, scripts: bool) -> dict[str, tuple[Rule, ...]]:
    """XML, and HTML with what stands in its script and style elements."""
    elements = (
        Rule(r"<script(?=[\s/>])", "accent", "script tag"),
        Rule(r"<style(?=[\s/>])", "accent", "style tag"),
    )
    return {
        "markup": (
            Rule("<!--", "dim", "comment"),
            Rule(r"<!\[CDATA\[", "after", "data"),
            Rule("<[!?]", "after", "declaration"),
            *(elements if scripts else ()),
            Rule(r"</?+[^\W\d][\w:.-]*+", "accent", "tag"),
            Rule(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|\w{1,32});", "notice"),
            Rule("[^<&]++"),
        ),
        "tag": _tag(POP),
        "script tag": _tag("=script"),
        "style tag": _tag("=style"),
        "double": (Rule('[^"&]++', "good"), Rule('"', "good", POP), Rule("&", "good")),
        "single": (Rule("[^'&]++", "good"), Rule("'", "good", POP), Rule("&", "good")),
        "comment": (Rule("-->", "dim", POP), Rule("[^-]++", "dim"), Rule("-", "dim")),
        "data": (Rule(r"\]\]>", "after", POP), Rule(r"[^\]]++", "good"), Rule(r"\]", "good")),
        "declaration": (
            _SPACE,
            Rule(">", "after", POP),
            Rule('"', "good", "double"),
            Rule("'", "good", "single"),
            Rule(r"\[", "faint"),
            Rule("(?=<)", "text", "markup"),
            Rule(r"[^\s\"'<>\[]++", "after"),
        ),
    }


_SETTINGS: Final[dict[str, tuple[Rule, ...]]] = {
    "settings": (
        _SPACE,
        Rule("[#;]", "dim", "line comment"),
        Rule('"', "good", "double"),
        Rule("'", "good", "single"),
        Rule(r"(?:true|false|null|yes|no)(?![\w-])", "after"),
        Rule(r"[^\W\d][\w.-]*+(?=\s{0,8}[:=])", "accent"),
        Rule(r"[^\W\d][\w.-]*+"),
        _NUMBER,
        Rule(r"[{}\[\]:,=|>&*-]", "faint"),
    ),
    "line comment": (Rule(r"[^\n]++", "dim"), Rule(r"\n", "text", POP)),
    "double": _quoted('"'),
    "single": _quoted("'"),
}

SCRIPT: Final = Grammar(_script("script"))
SHEET: Final = Grammar(_sheet("sheet"))
XML: Final = Grammar(_markup(scripts=False))
HTML: Final = Grammar(
    {
        **_markup(scripts=True),
        **_script("script", (Rule(r"(?=</script)", "text", "=markup"),)),
        **_sheet("style", (Rule(r"(?=</style)", "text", "=markup"),)),
    }
)
SETTINGS: Final = Grammar(_SETTINGS)

_BY_END: Final = (
    (("html", "+html"), HTML),
    (("/xml", "+xml", "xml-dtd"), XML),
    (("/css",), SHEET),
    (("javascript", "ecmascript", "typescript", "json", "/x-ndjson", "jsonl"), SCRIPT),
    (("yaml", "toml", "x-ini", "x-properties"), SETTINGS),
)
"""Ends of media types with the grammar of what they name."""

_BY_START: Final = (
    ((b"<!doctype html", b"<html"), HTML),
    ((b"<?xml", b"<svg"), XML),
)
"""The same for what has no media type."""


def grammar_of(sample: Sample) -> Grammar | None:
    """The grammar of a text; None for plain text."""
    kind = sample.media_type
    if not kind:
        start = sample.start.lstrip()[:20].lower()
        return next((found for starts, found in _BY_START if start.startswith(starts)), None)
    if kind == "application/xhtml+xml":
        return HTML
    return next((found for ends, found in _BY_END if kind.endswith(ends)), None)
