"""Two exchanges beside one another: what is the same about them, and what is not."""

from asgitrace.views.compare.comparison import Comparison
from asgitrace.views.compare.lines import CompareLines

__all__ = ["CompareLines", "Comparison"]
