"""The list of exchanges."""

from typing import TYPE_CHECKING

from asgitrace.lazy import lazy

if TYPE_CHECKING:
    from asgitrace.tui.list.header import ListHeader
    from asgitrace.tui.list.table import ExchangeTable

__all__ = ["ExchangeTable", "ListHeader"]

# Apart: the header is painted before the table's numpy is imported.
__getattr__ = lazy(__name__, {"ListHeader": "header", "ExchangeTable": "table"})
