"""How facts come in: files become typed, accounted events, or quarantined rows with a reason."""
