import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.store.columns import ROW, ROW_TYPE, Columns, pack_clamped


def packed(number: int, value: int) -> bytes:
    fields = {"number": number, "weight": value}
    return ROW.pack(*(fields.get(name, 1) for name in ROW_TYPE.names or ()))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 100)), max_size=12))
def test_rows_stay_aligned_whatever_comes_and_goes(steps: list[tuple[int, int]]) -> None:
    columns, reference, following = Columns(), list[int](), 1
    for count, gone in steps:
        columns.extend(following, count)
        new = range(following, following + count)
        columns.write(b"".join(packed(number, number * 10) for number in new))
        reference += new
        following += count
        cut = len(reference) * gone // 100
        doomed = [place for place in range(cut) if reference[place] % 7]
        if doomed:
            columns.remove(np.array(doomed), cut)
            reference = [n for place, n in enumerate(reference) if place not in set(doomed)]
        assert columns.column("number").tolist() == reference
        assert columns.column("weight").tolist() == [number * 10 for number in reference]
        assert columns.bytes_used <= ROW.size * max(256, 3 * len(reference))
        assert len(columns) == len(reference)
        for number in (reference[:1], reference[-1:]):
            place = columns.place(number[0]) if number else None
            assert place is None or columns.arrays["number"][place] == number[0]
        assert columns.place(following) is None
        assert columns.place(0) is None


def test_what_does_not_fit_is_clamped() -> None:
    columns = Columns()
    columns.extend(1, 1)
    columns.write(pack_clamped([1] + [2**80] * (len(ROW_TYPE.names or ()) - 2) + [-5]))
    assert columns.column("started").tolist() == [2**61]
    assert columns.column("kind").tolist() == [255]
    assert columns.column("doubtful").tolist() == [0]
