"""The screens that tell of many exchanges at once: groups and statistics."""
