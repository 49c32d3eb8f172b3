"""Which exchanges to show: the filter language.

`compile_filter` reads a filter, `match` keeps up with which rows of a store pass it, `complete`
helps with typing. `FIELDS` is the table of all that can be asked for.
"""

from typing import TYPE_CHECKING

from asgitrace.filter.model import Completion, Matcher, Predicate
from asgitrace.lazy import lazy

if TYPE_CHECKING:
    from asgitrace.filter.at_scope import scope_filter
    from asgitrace.filter.compile import compile_filter
    from asgitrace.filter.completion import complete
    from asgitrace.filter.failures import failed, is_failed
    from asgitrace.filter.fields import FIELDS
    from asgitrace.filter.matching import match
    from asgitrace.filter.syntax import quote

__all__ = [
    "FIELDS",
    "Completion",
    "Matcher",
    "Predicate",
    "compile_filter",
    "complete",
    "failed",
    "is_failed",
    "match",
    "quote",
    "scope_filter",
]

# Late: the grammar and the table of fields take a while to make.
_HOMES = {
    "FIELDS": "fields",
    "compile_filter": "compile",
    "complete": "completion",
    "failed": "failures",
    "is_failed": "failures",
    "match": "matching",
    "quote": "syntax",
    "scope_filter": "at_scope",
}
__getattr__ = lazy(__name__, _HOMES)
