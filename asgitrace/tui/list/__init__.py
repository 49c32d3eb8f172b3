"""The list of exchanges."""

from asgitrace.tui.list.header import ListHeader
from asgitrace.tui.list.table import ExchangeTable

__all__ = ["ExchangeTable", "ListHeader"]
