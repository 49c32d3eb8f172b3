"""Numbers and reasons as sentences say them."""

import pytest

from asgitrace.words import counted, gist


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes"), (12_345, "12,345 bytes")]
)
def test_so_many_of_something(number: int, said: str) -> None:
    assert counted(number, "byte") == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("no database", "no database"),
        ("no database\nnor cache\n", "no database\nnor cache"),
        ('Traceback (most recent call last):\n  File "a.py"\nOSError: gone\n\n', "OSError: gone"),
        ("", ""),
    ],
)
def test_the_gist_of_a_reason(reason: str, said: str) -> None:
    assert gist(reason) == said
