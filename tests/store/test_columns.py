import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.store.columns import FIELDS, ROW, ROW_BYTES, Columns, pack_clamped

RARE = ("missed", "wire_missed", "doubtful")


def packed(number: int, **values: int) -> bytes:
    fields = dict.fromkeys(FIELDS, 1) | dict.fromkeys(RARE, 0) | {"number": number, **values}
    return ROW.pack(*(fields[name] for name in FIELDS))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 100)), max_size=12))
def test_rows_stay_aligned_whatever_comes_and_goes(steps: list[tuple[int, int]]) -> None:
    columns, reference, following = Columns(), list[int](), 1
    for count, gone in steps:
        columns.extend(following, count)
        new = range(following, following + count)
        columns.write(b"".join(packed(number, weight=number * 10) for number in new))
        reference += new
        following += count
        cut = len(reference) * gone // 100
        doomed = [place for place in range(cut) if reference[place] % 7]
        if doomed:
            columns.remove(np.array(doomed), cut)
            reference = [n for place, n in enumerate(reference) if place not in set(doomed)]
        assert columns.column("number").tolist() == reference
        assert columns.column("weight").tolist() == [number * 10 for number in reference]
        assert columns.bytes_used <= ROW_BYTES * max(256, 3 * len(reference))
        assert len(columns) == len(reference)
        for number in (reference[:1], reference[-1:]):
            place = columns.place(number[0]) if number else None
            assert place is None or columns.values(place, ("number", "weight")) == [
                number[0],
                number[0] * 10,
            ]
        assert columns.place(following) is None
        assert columns.place(0) is None


def test_what_does_not_fit_is_clamped() -> None:
    columns = Columns()
    columns.extend(1, 1)
    columns.write(pack_clamped([1] + [2**80] * (len(FIELDS) - 2) + [-5]))
    assert columns.column("started").tolist() == [2**61]
    assert columns.column("kind").tolist() == [255]
    assert columns.column("doubtful").tolist() == [0]


def test_what_is_rare_takes_no_room_until_it_is_there() -> None:
    columns = Columns()
    columns.extend(1, 1000)
    columns.write(b"".join(packed(number) for number in range(1, 1001)))
    small = columns.bytes_used
    assert columns.column("missed").tolist() == [0] * 1000
    assert columns.values(5, ("missed", "weight")) == [0, 1]
    columns.write(packed(7, missed=3, after_ns=2**40 + 5))
    assert small < columns.bytes_used < small * 1.2
    assert columns.column("missed").tolist() == [0] * 6 + [3] + [0] * 993
    assert columns.span("after_ns").tolist() == [1] * 6 + [2**40 + 5] + [1] * 993
    columns.remove(np.arange(1000), 1000)
    assert columns.column("missed").tolist() == []


def test_a_row_takes_little() -> None:
    assert ROW_BYTES <= 125
    columns = Columns()
    for first in range(1, 100_001, 1000):
        columns.extend(first, 1000)
        columns.write(b"".join(packed(number, weight=number) for number in range(first, first + 9)))
    assert len(columns) == 100_000
    assert columns.bytes_used <= 1.2 * 100_000 * ROW_BYTES
    for first in range(100_001, 200_001, 1000):
        columns.extend(first, 1000)
        columns.remove(np.arange(1000), 1000)
        assert columns.bytes_used <= 1.2 * 101_000 * ROW_BYTES
    assert columns.column("number").tolist() == list(range(100_001, 200_001))
    assert columns.column("weight")[0] == 0
