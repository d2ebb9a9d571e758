"""Pictures of everybody: for each a table first, and then an Altair chart of it."""

from coterie.pictures.gallery import Pictures

__all__ = ["Pictures"]
