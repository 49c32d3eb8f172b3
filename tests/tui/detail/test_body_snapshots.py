"""How bodies look."""

import gzip
import json
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui.detail.conftest import Host, answer, worked
from tests.tui.detail.samples import FakeStore

SnapCompare = Callable[..., bool]

PAGE = b"""<!DOCTYPE html>
<html lang="ja">
<head>
  <meta charset="shift_jis">
  <title>Tea &amp; kettles</title>
  <style>
    .price { color: #b5722b; margin: 0 auto } /* the till */
  </style>
  <script>
    const prices = {"A-113": 39.9, "A-21": 63}; // by sku
    document.title = `${prices["A-21"]} yen`;
  </script>
</head>
<body class="shop" data-page=2>
  <!-- the list -->
  <p id="name">\x83e\x83B\x81[\x83|\x83b\x83g</p>
</body>
</html>
"""
ITEMS = {
    "page": 2,
    "items": [
        {"sku": f"A-{number}", "name": "Teekanne „Kyōto“", "tags": ["tea", "iron"], "price": 39.90}
        for number in range(1_000)
    ],
    "total": 12345678901234567890123,
}


@pytest.mark.parametrize(
    ("data", "content_type", "keys", "size"),
    [
        pytest.param(PAGE, b"text/html", "4", (80, 24), id="page"),
        pytest.param(
            json.dumps(ITEMS, ensure_ascii=False).encode(), b"application/json",
            "4 underscore j plus j j j", (200, 60), id="tree",
        ),
        pytest.param(PAGE[:300], b"text/html", "4 v v j", (120, 40), id="sent"),
    ],
)  # fmt: skip
def test_looks(
    snap_compare: SnapCompare,
    store: FakeStore,
    data: bytes,
    content_type: bytes,
    keys: str,
    size: tuple[int, int],
) -> None:
    packed = gzip.compress(data, mtime=0)
    store.put(answer(packed, content_type, b"gzip").exchange(50))
    app = Host(store, 50)

    async def opened(pilot: Pilot[None]) -> None:
        for key in keys.split():
            await pilot.press(key)
            await worked(pilot)

    assert snap_compare(app, run_before=opened, terminal_size=size)
