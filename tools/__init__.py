"""Programs of the house that are no part of the package."""
