"""What is done with people: their profiles leave for a file."""
