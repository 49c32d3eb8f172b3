import pytest

from asgitrace.errors import OptionError
from asgitrace.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("65536", 65536), ("64KiB", 65536), ("64k", 65536), (" 2 MiB ".replace(" M", "M"), 2**21),
     ("1G", 2**30), ("7B", 7), ("0", 0)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5M", "64KK", "1T", "٣", "9" * 5000])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(OptionError, match="is not a size; write for example 65536"):
        parse_size(text)
