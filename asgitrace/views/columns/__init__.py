"""The columns of the list of exchanges: which there are, what stands in them, where they stand."""
