"""What the exchanges come to over time: measured in slices, and drawn in panels."""
