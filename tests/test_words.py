"""Numbers as sentences say them."""

import pytest

from asgitrace.words import counted


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes"), (12_345, "12,345 bytes")]
)
def test_so_many_of_something(number: int, said: str) -> None:
    assert counted(number, "byte") == said
