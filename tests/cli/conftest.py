from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made_up_workers import Workers, made_up_workers


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Starts and ends processes that are not there."""
    with made_up_workers(tmp_path) as made:
        yield made
