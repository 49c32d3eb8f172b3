"""The configuration that is printed is one that can be read."""

import re
from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from asgitrace.settings import KeyLine, KeySection, Settings, read, written
from asgitrace.settings.model import Layout, Theme, Waterfall

PATH = Path("config.toml")
_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_settings = st.builds(
    Settings,
    theme=st.none() | st.sampled_from(get_args(Theme)),
    ascii=st.booleans(),
    layout=st.none() | st.sampled_from(get_args(Layout)),
    columns=st.lists(_text, max_size=3).map(tuple),
    sort=st.none() | _text,
    waterfall=st.none() | st.sampled_from(get_args(Waterfall)),
    follow=st.booleans(),
    remember=st.booleans(),
    filters=st.dictionaries(_text, _text, max_size=3),
)
_keys = st.dictionaries(st.sampled_from(["save", "next-error"]), _text)


def sections(keys: dict[str, str]) -> list[KeySection]:
    usual = {"save": "w", "next-error": "n"}
    return [
        KeySection("Some", [KeyLine(name, keys.get(name, key), key, "Help")])
        for name, key in usual.items()
    ]


@given(_settings, _keys)
def test_it_is_read_as_it_was(settings: Settings, keys: dict[str, str]) -> None:
    text = written(settings, sections(keys), ["a file"])
    found = read(text, PATH)
    different = {name: key for name, key in keys.items() if key != {"save": "w"}.get(name, "n")}
    assert found == replace(settings, keys=different)
    assert written(found, sections(keys), ["a file"]) == text


def test_the_usual_is_nothing_but_comments() -> None:
    lines = written(Settings(), sections({}), ["a file"]).splitlines()
    live = [line for line in lines if line and not line.startswith("#")]
    assert live == ["[keys]", "[filters]"]
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line and line.startswith("# ") else line
        for line in lines
    )
    assert read(uncommented, PATH).theme == "dark"


def test_what_differs_is_marked() -> None:
    text = written(Settings(ascii=True, theme="ansi"), sections({"save": "s"}), [])
    assert "\nascii = true  # usually false\n" in text
    assert '\ntheme = "ansi"  # usually not set\n' in text
    assert re.search(r'\nsave = "s" +# Help \(usually "w"\)\n', text)
