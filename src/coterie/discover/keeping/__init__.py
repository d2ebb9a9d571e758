"""Studies that are kept: a folder each, in the data that git ignores, by pseudonym."""
