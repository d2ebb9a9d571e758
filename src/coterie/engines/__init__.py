"""The language's interpreters: the plain reference, SQL, and what they share."""
