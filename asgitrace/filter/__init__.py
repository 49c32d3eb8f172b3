"""Which exchanges to show."""

from asgitrace.filter.substring import Filter, Word, matching, parse

__all__ = ["Filter", "Word", "matching", "parse"]
