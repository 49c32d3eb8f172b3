"""A module that cannot be imported."""

raise RuntimeError("this module does not import")
