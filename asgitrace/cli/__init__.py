"""The command line: one module a command; puts the parts together."""
