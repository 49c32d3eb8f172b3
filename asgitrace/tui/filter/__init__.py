"""Filters in the screen: typed, completed, saved and explained."""
