"""Source text in colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.body.grammars import HTML, SCRIPT, SETTINGS, SHEET, XML, grammar_of
from asgitrace.views.body.highlight import Grammar, SourceLines, Spans
from asgitrace.views.body.model import Sample
from tests.views.drawn import HOSTILE, drawn

GRAMMARS = {"html": HTML, "xml": XML, "css": SHEET, "js": SCRIPT, "settings": SETTINGS}


def inked(grammar: Grammar, *pieces: str) -> list[tuple[str, str]]:
    spans = Spans(grammar)
    text = ""
    for number, piece in enumerate(pieces):
        text += piece
        while spans.work(text, final=number == len(pieces) - 1):
            pass
    found: list[tuple[str, str]] = []
    for low, high, ink in spans.between(0, len(text)):
        found.append((ink, text[low:high]))
    return found


def of(grammar: Grammar, ink: str, text: str) -> list[str]:
    return [shown for name, shown in inked(grammar, text) if name == ink]


def test_markup() -> None:
    text = "<!DOCTYPE html><p class='a' id=b>x &amp; y</p><!-- <b> --><br/>"
    assert of(HTML, "accent", text) == ["<p", ">", "</p>", "<br/>"]
    assert of(HTML, "good", text) == ["'a'"]
    assert of(HTML, "notice", text) == ["class", "id", "b", "&amp;"]
    assert of(HTML, "dim", text) == ["<!-- <b> -->"]
    assert of(XML, "good", "<a><![CDATA[<b>]]></a>") == ["<b>"]
    assert of(XML, "accent", "<script>1</script>") == ["<script>", "</script>"]


def test_script_and_style_in_html() -> None:
    text = "<script>let a = '</b>' // c\n</script><style>p { color: #fff }</style><i>let</i>"
    assert of(HTML, "after", text) == ["let"]
    assert of(HTML, "dim", text) == ["// c"]
    assert of(HTML, "notice", text) == ["#fff"]
    # A script ends where browsers end it, also inside a string.
    assert of(HTML, "accent", "<script>'</script><b>") == ["<script>", "</script><b>"]


def test_script() -> None:
    assert of(SCRIPT, "good", "`a${ {b: 'c'} }d` + \"e\\n\"") == ["`a", "'c'", "d`", '"e', '"']
    assert of(SCRIPT, "after", "const Const = constant") == ["const"]
    assert of(SCRIPT, "notice", "0xff + 1.5e3 + 10n") == ["0xff", "1.5e3", "10n"]
    assert of(SCRIPT, "dim", "a /* b\n*/ c // d\ne") == ["/* b\n*/", "// d"]
    assert of(SCRIPT, "good", "'open\nx") == ["'open"]


def test_sheet_and_settings() -> None:
    assert of(SHEET, "accent", ".a #b { margin: 1px }") == [".a", "#b", "margin"]
    assert of(SHEET, "warn", "a { b: c !important }") == ["!important"]
    assert of(SETTINGS, "accent", "# a: b\nc: d\ne = 1") == ["c", "e"]


@given(
    st.text(alphabet="<>/!-&;'\"`{}$\\ab \n*=[]?", max_size=60),
    st.sampled_from(sorted(GRAMMARS)),
    st.integers(0, 60),
)
def test_any_pieces_give_what_the_whole_gives(text: str, name: str, cut: int) -> None:
    grammar = GRAMMARS[name]
    whole = inked(grammar, text)
    assert "".join(shown for _, shown in whole) == text
    assert inked(grammar, text[:cut], text[cut:]) == whole


@pytest.mark.parametrize("name", sorted(GRAMMARS))
def test_hostile_text_is_inert(name: str) -> None:
    for text in (*HOSTILE, "".join(HOSTILE) * 20, "<" * 500, "{" * 500, '<a b="' + "日" * 300):
        for width in (1, 7, 79):
            lines = SourceLines(GRAMMARS[name])
            lines.extend(text)
            lines.finish()
            drawn(lines, width)


@pytest.mark.parametrize("name", sorted(GRAMMARS))
@pytest.mark.parametrize("unit", ["<!", "`${", "${`{", "<a b='", "/*", "a:", "&#", "<script "])
def test_time_is_in_proportion_to_length(name: str, unit: str) -> None:
    spans = Spans(GRAMMARS[name])
    text = unit * 20_000
    turns = 0
    while spans.work(text, final=True):
        turns += 1
    assert turns <= 20
    assert "".join(text[low:high] for low, high, _ in spans.between(0, len(text))) == text


@pytest.mark.parametrize(
    ("media_type", "start", "grammar"),
    [
        ("text/html", b"", HTML),
        ("application/xhtml+xml", b"", HTML),
        ("image/svg+xml", b"", XML),
        ("text/xml", b"", XML),
        ("text/css", b"", SHEET),
        ("application/javascript", b"", SCRIPT),
        ("application/problem+json", b"", SCRIPT),
        ("application/yaml", b"", SETTINGS),
        ("text/plain", b"<html>", None),
        ("", b" <!DOCTYPE html>", HTML),
        ("", b"<?xml ?>", XML),
        ("", b"hello", None),
    ],
)
def test_grammar_of(media_type: str, start: bytes, grammar: Grammar | None) -> None:
    assert grammar_of(Sample(start, media_type)) is grammar


def test_what_was_not_read_yet_is_plain() -> None:
    spans = Spans(SCRIPT)
    spans.work("/* ", final=False)
    assert [ink for _, _, ink in spans.between(0, 9)][-1] == "text"
