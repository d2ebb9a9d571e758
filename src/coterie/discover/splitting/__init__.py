"""Segments of the right size: broad ones split as volume allows, alike ones merged.

``split`` makes a tree of groups; ``review`` looks at segments that there are, and proposes what
to merge and what to divide, each with its test.
"""

from coterie.discover.splitting.asking import reviewed
from coterie.discover.splitting.hierarchy import Node, clustering, split
from coterie.discover.splitting.reviewing import Limits, Proposal, Review, Reviewed, review
from coterie.discover.splitting.testing import Test

__all__ = [
    "Limits",
    "Node",
    "Proposal",
    "Review",
    "Reviewed",
    "Test",
    "clustering",
    "review",
    "reviewed",
    "split",
]
