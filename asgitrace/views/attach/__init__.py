"""What runs and can be looked at: the rings that were found, as groups and lines."""
