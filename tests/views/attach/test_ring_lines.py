"""What runs, as lines."""

import pytest

from asgitrace.views.attach.lines import command_of, rate_text
from asgitrace.views.units import format_age


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), ""),
        (("/usr/bin/gunicorn", "shop:app", "-w", "2"), "gunicorn shop:app -w 2"),
        (("/lib/site-packages/uvicorn/__main__.py", "shop:app"), "uvicorn shop:app"),
        (("main.py",), "main.py"),
        (("",), ""),
    ],
)
def test_the_program_by_its_name(argv: tuple[str, ...], words: str) -> None:
    assert command_of(argv) == words


def test_rates() -> None:
    rates = (0, 0.04, 4.26, 12.6, 9_999, 1_234_567)
    assert [rate_text(rate) for rate in rates] == ["0", "0.0", "4.3", "13", "9999", "1.2M"]


def test_ages() -> None:
    ages = (-1.0, 0.9, 59.9, 61, 3_600 * 3 + 60)
    assert [format_age(age) for age in ages] == ["0s", "0s", "59s", "1m01s", "3h01m"]
