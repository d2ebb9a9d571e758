"""How many people a definition that is being written would hold, within the time of a page."""

from coterie.profiles.estimating.counting import Count, Counting
from coterie.profiles.estimating.shares import Share, share

__all__ = ["Count", "Counting", "Share", "share"]
