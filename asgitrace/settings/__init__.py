"""What the user decides once, in a file, and what the screen remembers from one run to the next."""

from asgitrace.settings.mistake import Mistake
from asgitrace.settings.model import ColumnState, Settings, State

__all__ = ["ColumnState", "Mistake", "Settings", "State"]
