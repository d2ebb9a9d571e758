"""The stream of a project: replayed, watched, and verified."""
