"""Exceptions as lines: folded, searched, and inert whatever is in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgitrace.views.exceptions import failure_lines
from asgitrace.views.lines import Lines
from asgitrace.views.look import look
from asgitrace.views.needle import Needle
from tests.views.exceptions.samples import ANYTHING, frame, price_missing

LOOK = look()


def drawn(lines: Lines, width: int = 80) -> list[str]:
    lines.reflow(width)
    return [
        "".join(cell.text for cell in lines.cells(index, width, LOOK)).rstrip()
        for index in range(len(lines))
    ]


def index_of(lines: Lines, part: str) -> int:
    return next(index for index, shown in enumerate(drawn(lines)) if part in shown)


def test_it_begins_with_what_was_raised_and_where() -> None:
    shown = drawn(failure_lines(price_missing()))
    assert shown == [
        "",
        " shop.prices.PriceMissing  no price for 'A-113'",
        " note                      the price list is of 2023",
        " ▾ shop/prices.py:43  price_of",
        "         39 │ def price_of(sku):",
        "         40 │     try:",
        "         41 │         return TABLE[sku]",
        "         42 │     except KeyError as error:",
        "     ▸   43 │         raise PriceMissing(sku) from error",
        " ▸ 1 frame in anyio",
        " ▾ shop/app.py:132  checkout",
        "        130 │ async def checkout(scope, receive, send):",
        "        131 │     basket = await body_of(receive)",
        "     ▸  132 │     total = sum(price_of(sku) for sku in basket)",
        "        133 │     await reply(send, total)",
        " ▸ 2 frames in starlette",
        "",
        " caused by",
        " KeyError  'A-113'",
        " ▾ shop/prices.py:41  price_of",
        "         39 │ def price_of(sku):",
        "         40 │     try:",
        "     ▸   41 │         return TABLE[sku]",
        "         42 │     except KeyError as error:",
        "         43 │         raise PriceMissing(sku) from error",
    ]


def test_what_raised_is_underlined() -> None:
    lines = failure_lines(price_missing())
    cells = lines.cells(index_of(lines, "▸  132"), 80, LOOK)
    (marked,) = [cell.text for cell in cells if cell.style and cell.style.underline]
    assert marked == "price_of(sku) for sku in basket)"


def test_library_frames_unfold() -> None:
    lines = failure_lines(price_missing())
    before = len(drawn(lines))
    at = index_of(lines, "2 frames")
    assert not lines.toggle(at, False)
    assert lines.toggle(at, True)
    assert drawn(lines)[at : at + 5] == [
        " ▾ 2 frames in starlette",
        "     starlette/routing.py:276  handle",
        "     ▸  276 │     await self.app()",
        "     starlette/routing.py:74  app",
        "     ▸   74 │     await app(scope)",
    ]
    assert lines.parent(at + 3) == at
    assert lines.text(at + 1).endswith('routing.py", line 276, in handle')
    assert not lines.toggle(at + 1)
    assert lines.toggle(at)
    assert len(lines) == before


def test_a_frame_folds() -> None:
    lines = failure_lines(price_missing())
    before = len(drawn(lines))
    at = index_of(lines, "shop/app.py")
    assert lines.parent(at + 2) == at
    assert lines.toggle(at)
    assert len(lines) == before - 4
    assert drawn(lines)[at].startswith(" ▸ shop/app.py:132")


def test_only_the_innermost_of_many_frames_are_open() -> None:
    frames = [frame("app.py", number, "deeper", "    deeper()") for number in range(1, 9)]
    shown = drawn(failure_lines({"type": "E", "frames": frames}))
    assert sum("▾" in line for line in shown) == 3
    assert shown[2].startswith(" ▾ app.py:8")


def test_frames_that_were_left_out() -> None:
    frames = [frame("app.py", number, "deeper", "x") for number in range(80)]
    shown = drawn(failure_lines({"type": "E", "frames": frames, "left_out": 1234}))
    at = next(at for at, line in enumerate(shown) if "1,234 frames are not recorded" in line)
    assert "app.py:20 " in shown[at - 1]
    assert "app.py:19 " in shown[at + 1]


def test_only_libraries() -> None:
    frames = [frame(f"lib{number}/x.py", 1, "f", "x", library=True) for number in range(5)]
    shown = drawn(failure_lines({"type": "E", "frames": frames}))
    assert shown[2] == " ▾ 5 frames in lib4, lib3, lib2 and 2 more"
    alone = drawn(failure_lines({"type": "E", "frames": frames[:1]}))
    assert alone[2] == " ▾ lib0/x.py:1  f"


def test_a_message_of_several_lines_stands_below() -> None:
    shown = drawn(failure_lines({"type": "E", "message": "one\ntwo", "frames": []}))
    assert shown == ["", " E", " one", " two"]


@pytest.mark.parametrize("content", [{"traceback": "Traceback\nE: no"}, {"traceback": ""}, {}])
def test_without_frames_as_text(content: dict[str, Any]) -> None:
    lines = failure_lines({"type": "E", "message": "no", **content})
    assert drawn(lines)[:2] == ["", " E  no"]
    assert ("Traceback" in "\n".join(drawn(lines))) == bool(content.get("traceback"))


@pytest.mark.parametrize("step", [1, -1])
def test_a_search_finds_what_is_folded_away(step: int) -> None:
    lines = failure_lines(price_missing())
    drawn(lines)
    start = 0 if step > 0 else len(lines) - 1
    needle = Needle("self.app")
    found = [at for at in lines.search(needle, start, step) if at is not None]
    assert [lines.text(at).strip() for at in found] == ["await self.app()"]
    assert any("▾ 2 frames" in line for line in drawn(lines))


@pytest.mark.parametrize("step", [1, -1])
def test_a_search_from_the_middle(step: int) -> None:
    lines = failure_lines(price_missing())
    drawn(lines)
    start = index_of(lines, "▾ shop/app.py")
    found = [at for at in lines.search(Needle("price_of"), start, step) if at is not None]
    assert found == sorted(found, reverse=step < 0)
    assert all(at >= start if step > 0 else at <= start for at in found)
    assert len(found) == (3 if step > 0 else 2)


@given(st.dictionaries(st.sampled_from(["frames", "type", "message", "notes", "cause"]), ANYTHING))
def test_whatever_a_trace_says_is_inert(content: dict[str, Any]) -> None:
    lines = failure_lines(content)
    for width in (80, 20):
        assert all(shown.isprintable() for shown in drawn(lines, width))
    for at in range(len(lines)):
        lines.toggle(at)
        lines.text(min(at, len(lines) - 1))
