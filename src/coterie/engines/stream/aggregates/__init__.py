"""One file an aggregate: its empty state, what an occurrence adds to it, and its value."""
