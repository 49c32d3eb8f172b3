"""What a ring says of its process: it always fits, and what is read is checked."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.errors import RingError
from asgitrace.ring import About
from asgitrace.ring.layout import ABOUT_LIMIT

# Lone surrogates too, as the arguments of a process may have.
TEXT = st.text(st.characters(), max_size=1_000)


def test_what_is_short_is_kept_as_it_is() -> None:
    about = About(app="main:app", server="uvicorn 0.38.0", argv=("uvicorn", "main:app"), ppid=1)
    assert About.unpack(about.pack(ABOUT_LIMIT), "it") == about


@given(TEXT, st.lists(TEXT, max_size=30), TEXT)
def test_it_always_fits(app: str, argv: list[str], cwd: str) -> None:
    packed = About(app=app, argv=tuple(argv), cwd=cwd).pack(ABOUT_LIMIT)
    assert len(packed) <= ABOUT_LIMIT
    found = About.unpack(packed, "it")
    assert len(found.argv) <= len(argv)
    assert app.isascii() is False or app.startswith(found.app)


def test_the_longest_texts_are_cut_first() -> None:
    about = About(app="main:app", cwd="/srv", argv=("\u00e4" * 400,) * 20)
    found = About.unpack(about.pack(ABOUT_LIMIT), "it")
    assert (found.app, found.cwd) == ("main:app", "/srv")
    assert found.argv == ("\u00e4" * 100,) * 16


def test_what_a_later_version_says_besides_is_passed_over() -> None:
    packed = msgspec.msgpack.encode({"app": "main:app", "colour": "blue"})
    assert About.unpack(packed, "it") == About(app="main:app")


def test_what_is_no_description_is_said() -> None:
    with pytest.raises(RingError, match="it is damaged"):
        About.unpack(b"\xc0", "it")
