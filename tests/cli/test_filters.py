"""Filters on the command line: where one went wrong is shown."""

from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from asgitrace.cli.filters import FilterMistake, FilterType, picture
from asgitrace.cli.options import filter_option


def test_a_filter_that_can_be_read() -> None:
    found = FilterType().convert("status=5xx or exc", None, None)
    assert found is not None
    assert found.text == "status=5xx or exc"
    assert FilterType().convert(found, None, None) is found


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_one_is_none(text: str) -> None:
    assert FilterType().convert(text, None, None) is None


def test_a_mistake_is_one_sentence_and_a_picture() -> None:
    with pytest.raises(FilterMistake, match=r"^--filter: .*was expected") as caught:
        FilterType().convert("status=500 and dur>>3", None, None)
    assert caught.value.picture.splitlines() == [
        "  status=500 and dur>>3",
        "                     ^^",
    ]


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[filters]\nslow = "dur>500ms or is:open"\n')
    monkeypatch.setenv("ASGITRACE_CONFIG", str(config))


@pytest.mark.usefixtures("saved")
def test_a_saved_filter_is_meant_by_its_name() -> None:
    found = FilterType().convert("@slow method=GET", None, None)
    assert found is not None
    assert found.text == "(dur>500ms or is:open) method=GET"
    quoted = FilterType().convert('path:"@slow"', None, None)
    assert quoted is not None
    assert quoted.text == 'path:"@slow"'


@pytest.mark.usefixtures("saved")
def test_a_name_that_none_was_saved_under() -> None:
    with pytest.raises(FilterMistake, match="No filter is saved as '@slwo'") as caught:
        FilterType().convert("exc or @slwo", None, None)
    assert caught.value.picture.splitlines() == ["  exc or @slwo", "         ^^^^^"]


def test_the_place_behind_the_end() -> None:
    assert picture("(a", 2, 1) == "  (a \n    ^"


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 20))
def test_a_picture_is_two_lines_fit_for_a_terminal(text: str, position: int, length: int) -> None:
    position = min(position, len(text))
    lines = picture(text, position, length).split("\n")
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    assert set(lines[1]) <= {" ", "^"}
    assert cell_len(lines[1].rstrip()) <= cell_len(lines[0]) or not text[position:]


def test_a_long_filter_is_cut_around_the_place() -> None:
    text = "x " * 200 + "oops " + "y " * 200
    above, below = picture(text, 400, 4).split("\n")
    assert len(above) < 80
    start = below.index("^")
    assert above[start : start + 4] == "oops"


def test_it_is_an_option() -> None:
    @click.command
    @filter_option
    def command(filter_: object) -> None: ...

    with pytest.raises(FilterMistake):
        command.make_context("x", ["--filter", "("])
