"""Which exchanges of a busy service are recorded."""

from random import Random
from typing import Any

from asgitrace.asgi import Scope
from asgitrace.errors import OptionError
from asgitrace.recorder import Sampler
from asgitrace.recorder.scope import capture_scope


def sampler(sample: float | str) -> Sampler | None:
    """What chooses the exchanges to record; None where they all are.

    Args:
        sample: a share, as ``0.01`` or ``"1%"``, or a filter over what is known when the app is
            called, as ``"path:/api -path:/health"``.

    The lifespan is always chosen. Raises OptionError for a share that is none, or a filter that
    asks for more than the scope, and FilterError for one that cannot be read.
    """
    share = _share_of(sample)
    if share is None:
        return _ByFilter(str(sample))
    if not 0 <= share <= 1:
        raise OptionError(f"A share of {sample} cannot be recorded; choose from 0 to 1.")
    return None if share == 1 else _ByChance(share)


def _share_of(sample: float | str) -> float | None:
    """A share as a number; None for a filter."""
    if not isinstance(sample, str):
        return float(sample)
    text = sample.strip()
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None


class _ByChance:
    """A share of all. No function, since a traced app may be pickled for its server's workers."""

    __slots__ = ("_chance", "_share")

    def __init__(self, share: float) -> None:
        # A generator of our own: the app may have seeded Python's, and counts on what comes next.
        self._chance = Random().random
        self._share = share

    def __call__(self, scope: Scope) -> bool:
        return self._chance() < self._share or _is_lifespan(scope)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ByChance, (self._share,)


class _ByFilter:
    """Those whose scope passes a filter."""

    __slots__ = ("_accepts", "_text")

    def __init__(self, text: str) -> None:
        # Late: it brings numpy and the grammar into the app, which only who asks for it gets.
        from asgitrace.filter import scope_filter

        self._text = text
        self._accepts = scope_filter(text, capture_scope)

    def __call__(self, scope: Scope) -> bool:
        return _is_lifespan(scope) or self._accepts(scope)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ByFilter, (self._text,)


def _is_lifespan(scope: Any) -> bool:
    return bool(scope["type"] == "lifespan")
