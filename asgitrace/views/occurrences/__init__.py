"""Where a text occurs in all that is kept: the exchanges and the log."""
