"""Choosing what to look at, of all that runs."""
