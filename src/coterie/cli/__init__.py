"""The command `coterie`: reads arguments, asks the project, prints the answer."""
