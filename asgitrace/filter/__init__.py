"""Which exchanges to show."""

from asgitrace.filter.substring import Filter, Strings, Word, matching, parse

__all__ = ["Filter", "Strings", "Word", "matching", "parse"]
