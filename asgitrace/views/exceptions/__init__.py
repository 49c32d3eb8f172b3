"""Exceptions: what was raised, where, and what led to it."""

from asgitrace.views.exceptions.lines import failure_lines
from asgitrace.views.exceptions.model import Failure, Frame, read_failure

__all__ = ["Failure", "Frame", "failure_lines", "read_failure"]
