"""Data in, cells out: what the screens draw, without a screen."""
