"""How the content of messages and bodies is shown: one module a way, in one registry."""
