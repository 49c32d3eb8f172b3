"""Reading the configuration, and what is said about mistakes."""

from pathlib import Path

import pytest

from asgitrace.errors import SettingsError
from asgitrace.settings import Mistake, Settings, load
from asgitrace.settings.options import OPTIONS, TABLES


def test_none(config: Path) -> None:
    assert load() == Settings()
    assert not config.exists()


def test_all(config: Path) -> None:
    config.parent.mkdir()
    config.write_text(
        'theme = "ansi"\nascii = true\nlayout = "beside"\ncolumns = ["path:40", "status"]\n'
        'sort = "-duration"\nwaterfall = "axis"\nfollow = false\nremember = false\n'
        'keys.save = "s"\nfilters.slow = "dur>1s"\n'
    )
    assert load() == Settings(
        theme="ansi",
        ascii=True,
        layout="beside",
        columns=("path:40", "status"),
        sort="-duration",
        waterfall="axis",
        follow=False,
        remember=False,
        keys={"save": "s"},
        filters={"slow": "dur>1s"},
    )


def test_every_setting_is_explained() -> None:
    assert [option.name for option in OPTIONS] + list(TABLES) == list(Settings.__struct_fields__)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('\nthem = "dark"', ", line 2: there is no option 'them'; did you mean 'theme'?"),
        ("qqq = 1", ", line 1: there is no option 'qqq'; 'asgitrace config' lists them"),
        ('theme = "blue"', ', line 1: theme must be one of "dark", "light", "contrast", "ansi"'),
        ("ascii = 1", ", line 1: ascii must be true or false"),
        ('columns = "path"', ", line 1: columns must be a list of names of columns"),
        ("columns = [1]", ", line 1: columns must be a list of names of columns"),
        ("keys = 3", ", line 1: keys must be a table: write [keys]"),
        ("[keys]\na = 'x'\nsave = 1", ", line 3: save must be a text with the keys of a command"),
        ("filters.slow = 1", ", line 1: slow must be the text of a filter, in quotes"),
        ("\n\n[filters]\n'a b' = []", ", line 4: a b must be the text of a filter, in quotes"),
        ("[theme]\n", ", line 1: theme must be one of"),
        ("[filterz]\n", ", line 1: there is no option 'filterz'; did you mean 'filters'?"),
        ("x = \n", ", line 1: "),
        ("ascii = true\nascii = false\n", ", line 2: "),
        ('x = "abc', ", line 1: "),
        ("x = " + "[" * 100_000, ": too much is nested"),
    ],
)
def test_mistakes(config: Path, text: str, sentence: str) -> None:
    config.parent.mkdir()
    config.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load()
    said = str(caught.value)
    assert said.startswith(f"{config}{sentence}")
    assert said.endswith((".", "?"))
    assert not said.endswith("?.")
    assert "\n" not in said
    assert config.read_text() == text


def test_a_check_is_told_with_its_line(written: Path) -> None:
    def refuse(settings: Settings) -> None:
        raise Mistake(("filters", "slow"), f"{settings.filters['slow']} is not liked")

    with pytest.raises(SettingsError, match="line 6: dur>1s is not liked"):
        load(refuse)


def test_what_cannot_be_read(config: Path) -> None:
    config.mkdir(parents=True)
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load()


def test_what_is_no_text(config: Path) -> None:
    config.parent.mkdir()
    config.write_bytes(b"\n\n\xff")
    with pytest.raises(SettingsError, match="line 3: this is not UTF-8 text"):
        load()


def test_what_is_too_large(config: Path) -> None:
    config.parent.mkdir()
    config.write_text("#" * (1 << 20) + "\n")
    with pytest.raises(SettingsError, match="too large"):
        load()
