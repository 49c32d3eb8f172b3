"""The screen, measured from outside: the real user interface in a pseudo-terminal, on a real ring
that another process feeds."""
