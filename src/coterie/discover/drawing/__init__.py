"""Pictures of a study: data first, then drawing, in the manner of :mod:`coterie.pictures`."""
