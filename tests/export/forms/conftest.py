"""What the tests of code that makes a request share."""

from collections.abc import Iterator

import pytest

from tests.export.forms.arriving import Server, arriving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with arriving() as found:
        yield found
