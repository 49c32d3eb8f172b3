"""The screen of two exchanges beside one another."""
