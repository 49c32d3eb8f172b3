import numpy as np

from asgitrace.store.strings import Strings


def test_a_string_is_kept_once_and_forgotten_with_its_last_user() -> None:
    strings = Strings()
    first, second, again = (strings.intern(text) for text in ("a", "b", "a"))
    assert (first, second, again) == (0, 1, 0)
    filled = strings.bytes_used
    strings.release(np.array([0, 1]))
    assert strings.table == ["a", ""]
    assert strings.bytes_used < filled
    strings.release(np.array([0]))
    assert strings.table == ["", ""]
    assert strings.intern("a") == 2


def test_a_table_mostly_out_of_use_is_made_anew() -> None:
    strings = Strings()
    numbers = np.array([strings.intern(str(value)) for value in range(1000)])
    assert strings.renumber() is None
    strings.release(numbers[:200])
    assert strings.renumber() is None
    strings.release(numbers[200:990])
    renumbered = strings.renumber()
    assert renumbered is not None
    assert strings.epoch == 1
    assert [strings.table[number] for number in renumbered[990:]] == [
        str(n) for n in range(990, 1000)
    ]
    assert strings.intern("995") == renumbered[995]
    strings.release(np.arange(10))
    assert [text for text in strings.table if text] == ["995"]
