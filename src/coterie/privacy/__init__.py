"""What may be kept about people, and how they are forgotten."""
