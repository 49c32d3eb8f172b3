from sys import getsizeof

import numpy as np

from asgitrace.store.strings import Interned


def test_a_string_is_kept_once_and_forgotten_with_its_last_user() -> None:
    strings = Interned("", getsizeof)
    first, second, again = (strings.intern(text) for text in ("a", "b", "a"))
    assert (first, second, again) == (1, 2, 1)
    filled = strings.bytes_used
    strings.release(np.array([1, 2]))
    assert strings.table == ["", "a", ""]
    assert strings.bytes_used < filled
    strings.drop(1)
    assert strings.table == ["", "", ""]
    assert strings.intern("a") == 3


def test_a_table_mostly_out_of_use_is_made_anew() -> None:
    strings = Interned("", getsizeof)
    numbers = np.array([strings.intern(str(value)) for value in range(1000)])
    assert strings.renumber() is None
    strings.release(numbers[:200])
    assert strings.renumber() is None
    strings.release(numbers[200:990])
    renumbered = strings.renumber()
    assert renumbered is not None
    assert strings.epoch == 1
    assert [strings.table[number] for number in renumbered[991:]] == [
        str(n) for n in range(990, 1000)
    ]
    assert strings.intern("995") == renumbered[996]
    others = [number for number in renumbered[991:] if strings.table[number] != "995"]
    strings.release(np.array([*others, renumbered[996]]))
    assert [text for text in strings.table if text] == ["995"]


def test_the_empty_value_is_always_there() -> None:
    strings = Interned("", getsizeof)
    assert strings.intern("") == 0
    strings.release(np.array([0, 0, 0]))
    strings.drop(0)
    assert strings.table == [""]
    assert strings.intern("") == 0


def test_without_a_number_left_a_value_is_among_the_others() -> None:
    strings = Interned("", getsizeof, "others", 4)
    numbers = [strings.intern(text) for text in ("a", "b", "c", "d", "a")]
    assert numbers == [1, 2, 3, 3, 1]
    assert strings.table == ["", "a", "b", "others"]
    strings.release(np.array(numbers))
    assert strings.table == [""] * 4
