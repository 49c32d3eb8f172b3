"""How each tab looks."""

from collections.abc import Callable

import pytest

from tests.tui.detail.conftest import Host
from tests.tui.detail.samples import FakeStore

SnapCompare = Callable[..., bool]


@pytest.mark.parametrize(
    ("number", "keys", "size"),
    [
        pytest.param(1, "1", (120, 40), id="timeline"),
        pytest.param(5, "1 G enter", (120, 40), id="exception"),
        pytest.param(6, "1", (120, 40), id="overwritten"),
        pytest.param(3, "2 j j j", (120, 40), id="messages"),
        pytest.param(1, "3", (120, 40), id="headers"),
        pytest.param(1, "4", (120, 40), id="json"),
        pytest.param(4, "4 b", (120, 40), id="hex"),
        pytest.param(2, "4", (120, 40), id="text"),
        pytest.param(1, "5", (120, 40), id="log"),
        pytest.param(2, "1 enter", (80, 24), id="small"),
        pytest.param(3, "1 j j j enter", (200, 60), id="large"),
    ],
)
def test_looks(
    snap_compare: SnapCompare, store: FakeStore, number: int, keys: str, size: tuple[int, int]
) -> None:
    assert snap_compare(Host(store, number), press=keys.split(), terminal_size=size)
