"""One exchange in detail: timeline, messages, headers, bodies, and the app's output."""

from asgitrace.tui.detail.pane import DetailPane

__all__ = ["DetailPane"]
