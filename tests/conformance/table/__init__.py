"""The parts of the case table, one idea a file."""
