"""One clustering recommended, or none."""
