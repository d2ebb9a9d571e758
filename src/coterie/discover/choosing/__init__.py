"""Choosing: one recommendation out of the candidates, or the news that there is none."""

from coterie.discover.choosing.recommending import recommend
from coterie.discover.choosing.weighing import Use

__all__ = ["Use", "recommend"]
