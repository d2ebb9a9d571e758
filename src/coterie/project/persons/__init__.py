"""One person as a page shows them: found by any id, at any instant, with what explains them."""

from coterie.project.persons.people import Persons

__all__ = ["Persons"]
