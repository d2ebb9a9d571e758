"""A study from its question to its answer: people, preparation, clusterings, recommendation."""
