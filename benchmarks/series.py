"""Interleaved rounds and what is computed from them."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")

Series = Sequence[float]
"""One figure of one variant, by round."""


def interleave(variants: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Give every variant its turn in every round; every other round the other way round, so that
    none always follows the same one."""
    taken: dict[str, list[T]] = {name: [] for name in variants}
    for number in range(rounds):
        order = list(variants) if number % 2 == 0 else list(variants)[::-1]
        for name in order:
            taken[name].append(variants[name]())
    return taken


def ratio(series: Series, base: Series) -> float:
    """The median of the rounds' own ratios: the two of one round ran side by side, so a drift of
    the machine is in both."""
    return statistics.median(one / other for one, other in zip(series, base, strict=True))


def difference(series: Series, base: Series) -> list[float]:
    """What ``series`` costs more than ``base``, by round."""
    return [one - other for one, other in zip(series, base, strict=True)]
