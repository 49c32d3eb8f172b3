"""Exchanges in groups: by what, what each comes to, and their lines."""
