"""Reading a filter: from its text to its tree, or to an error that says what could stand where."""

import re
from collections.abc import Collection
from functools import cache
from typing import Any, Final

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from asgitrace.errors import FilterError
from asgitrace.filter.syntax import (
    NAME,
    WORD,
    Among,
    And,
    Bare,
    Compare,
    Count,
    Form,
    Node,
    Not,
    Or,
    Quantified,
    Sequence,
    Span,
    Value,
    children,
)

LONGEST: Final = 10_000
"""Characters of a filter."""

DEEPEST: Final = 64
"""Levels of brackets and negations in a filter."""

_EDGE: Final = r"""(?=[\s()"'!-]|$)"""
_NAME, _WORD = (pattern.replace("/", r"\/") for pattern in (NAME, WORD))
_GRAMMAR: Final = rf"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: unary (_AND? unary)*
?unary: (_NOT | _BANG | _MINUS) unary -> negation
      | atom
?atom: _OPEN disjunction _CLOSE
     | QUANTIFIER disjunction _CLOSE -> quantified
     | _COUNT disjunction _CLOSE (COMPARISON | EQUALITY) WORD -> count
     | _SEQ disjunction (_ARROW disjunction)+ [_WITHIN WORD] _CLOSE -> sequence
     | NAME -> bare
     | STRING -> bare
     | NAME (COMPARISON | EQUALITY | CONTAINS) (WORD | STRING) -> compare
     | NAME MATCHES (REGEX | SOURCE | STRING) -> compare
     | NAME _IN _BRACE (ITEM | STRING) (_COMMA (ITEM | STRING))* _UNBRACE -> among

_OR.5: /or{_EDGE}|\|\|/i
_AND.5: /and{_EDGE}|&&/i
_NOT.5: /not{_EDGE}/i
_IN.5: /in(?=[\s{{]|$)/i
_WITHIN.5: /within(?=\s|$)/i
QUANTIFIER.5: /(any|all|none)\s*\(/i
_COUNT.5: /count\s*\(/i
_SEQ.5: /seq\s*\(/i
_ARROW.5: "->"
MATCHES.4: /!?~/
COMPARISON.3: />=|<=|>|</
EQUALITY.3: /!=|==?/
CONTAINS.3: ":"
_BANG.2: "!"
_MINUS.2: "-"
_OPEN: "("
_CLOSE: ")"
_BRACE: "{{"
_UNBRACE: "}}"
_COMMA: ","
STRING.4: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
REGEX.4: /\/(?:[^\/\\\n]|\\.)+\/[a-z]*(?=[\s()]|$)/
NAME: /{_NAME}/
WORD: /{_WORD}/
SOURCE: /(?!\/){_WORD}/
ITEM: /[^\s()"'{{}},]+/
%ignore /\s+/
"""

_MEANING: Final = (
    ("a value", {"WORD", "STRING", "REGEX", "SOURCE", "ITEM"}),
    ("an operator", {"COMPARISON", "EQUALITY", "CONTAINS", "MATCHES"}),
    ("->", {"_ARROW"}),
    ("{ (as in {1, 2})", {"_BRACE"}),
    (",", {"_COMMA"}),
    ("}", {"_UNBRACE"}),
    ("and", {"_AND"}),
    ("or", {"_OR"}),
    (")", {"_CLOSE"}),
)
_SLASHES: Final = "the slash that ends the regular expression (one within it is written \\/)"
_NOTHING: Final = "nothing more"
_OUT_OF_PLACE: Final = {
    ")": "another term or the end (no bracket is open)",
    "->": "another term or the end (-> has its place in seq( ) only)",
}
_TERM: Final = "a field, word or ("


def parse(text: str) -> Node:
    """The tree of a filter; FilterError where it cannot be read."""
    if len(text) > LONGEST:
        sentence = f"The filter is longer than {LONGEST:,} characters."
        raise FilterError(sentence, position=LONGEST, length=1, expected="the end of the filter")
    if not text.strip():
        raise FilterError("The filter is empty.", position=0, length=1, expected=_TERM)
    try:
        tree: Any = grammar().parse(text)
    except UnexpectedInput as error:
        raise _readable(error, text) from None
    return _bounded(tree)


@cache
def grammar() -> Lark:
    """The grammar, ready for use."""
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", transformer=_Builder())


def unescape(token: Token) -> str:
    """The text in quotes; FilterError where something is escaped that cannot be."""

    def meant(found: re.Match[str]) -> str:
        kind, digits = found[1][0], found[1][1:]
        if digits:
            return chr(int(digits, 16))
        if kind in _ESCAPED:
            return _ESCAPED[kind]
        at = _start(token) + 1 + found.start()
        raise FilterError(
            f"\\{kind} means nothing in quotes; a backslash is written \\\\.",
            position=at, length=2, expected=r"""one of \" \\ \n \r \t \x41 \u0041""",
        )  # fmt: skip

    return _ESCAPE.sub(meant, token[1:-1])


_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED: Final = {'"': '"', "'": "'", "\\": "\\", "/": "/", "n": "\n", "r": "\r", "t": "\t"}


class _Builder(Transformer[Token, Node]):
    """Makes the nodes of the tree while the text is read."""

    def disjunction(self, parts: list[Node]) -> Node:
        return Or(tuple(parts))

    def conjunction(self, parts: list[Node]) -> Node:
        return And(tuple(parts))

    def negation(self, parts: list[Node]) -> Node:
        return Not(parts[0])

    def quantified(self, parts: list[Any]) -> Node:
        return Quantified(parts[0].rstrip("( \t\r\n").lower(), parts[1])

    def count(self, parts: list[Any]) -> Node:
        part, operator, number = parts
        return Count(part, _operator(operator), _value(number))

    def sequence(self, parts: list[Any]) -> Node:
        *steps, within = parts
        return Sequence(tuple(steps), None if within is None else _value(within))

    def bare(self, parts: list[Token]) -> Node:
        return Bare(_value(parts[0]))

    def compare(self, parts: list[Token]) -> Node:
        name, operator, value = parts
        return Compare(
            str(name), _operator(operator), _value(value), _span(name), _span(operator)
        )  # fmt: skip

    def among(self, parts: list[Token]) -> Node:
        name, *values = parts
        return Among(str(name), tuple(map(_value, values)), _span(name))


def _operator(token: Token) -> str:
    return "=" if token == "==" else str(token)


def _value(token: Token) -> Value:
    span = _span(token)
    if token.type == "STRING":
        return Value(unescape(token), Form.STRING, span=span)
    if token.type == "REGEX":
        pattern, _, flags = token[1:].rpartition("/")
        unslashed = re.sub(
            r"\\(.)", lambda found: "/" if found[1] == "/" else found[0], pattern, flags=re.DOTALL
        )
        return Value(unslashed, Form.REGEX, flags, span)
    return Value(str(token), span=span)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _span(token: Token) -> Span:
    return Span(_start(token), len(token))


def _bounded(tree: Node) -> Node:
    level: list[Node] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in children(node)]
        if not level:
            return tree
    sentence = f"The filter has more than {DEEPEST} levels of brackets."
    raise FilterError(sentence, position=0, length=1, expected="fewer brackets")


def _readable(error: UnexpectedInput, text: str) -> FilterError:
    """The error in words that need no knowledge of the grammar."""
    position, length = len(text), 1
    found = "the end"
    if isinstance(error, UnexpectedToken):
        allowed = set(error.accepts or error.expected)
        if error.token.type != "$END":
            position, length = _start(error.token), len(error.token)
            found = f"“{_short(error.token)}”"
    else:
        allowed = set(error.allowed or ()) if isinstance(error, UnexpectedCharacters) else set()
        position = error.pos_in_stream if error.pos_in_stream is not None else position
        found = f"“{_short(text[position:].split(maxsplit=1)[0])}”"
        if text[position] in "\"'" and "STRING" in allowed:
            return _missing(text, position, "the quote that ends the text")
    if position < len(text) and text[position] == "/" and "REGEX" in allowed:
        return _missing(text, position, _SLASHES)
    expected = meaning(allowed)
    if expected == _NOTHING:
        expected = _OUT_OF_PLACE.get(text[position : position + length], expected)
    sentence = f"The filter cannot be read at {found}: {expected} was expected."
    return FilterError(sentence, position=position, length=length, expected=expected)


def _missing(text: str, position: int, expected: str) -> FilterError:
    sentence = (
        f"The filter cannot be read from “{_short(text[position:])}” on: {expected} is missing."
    )
    return FilterError(
        sentence, position=position, length=len(text) - position, expected=expected
    )  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def meaning(allowed: Collection[str]) -> str:
    """What the names of the grammar mean to somebody who types."""
    words = [word for word, names in _MEANING if not names.isdisjoint(allowed)]
    if "a value" in words and "NAME" not in allowed:
        words = [word for word in words if word != "an operator"]
    if "NAME" in allowed:
        words = [word for word in words if word != "a value"] + [_TERM]
    elif "_IN" in allowed and "an operator" not in words:
        words.append("in")
    if not words:
        return _NOTHING
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
