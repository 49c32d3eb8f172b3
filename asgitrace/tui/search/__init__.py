"""Search: in the pane that has the keys, and in all exchanges."""
