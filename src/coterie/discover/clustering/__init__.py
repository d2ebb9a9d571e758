"""Clustering: several algorithms and numbers of clusters on one matrix, measured alike."""

from coterie.discover.clustering.checkpoint import Checkpoint, Memory, Progress
from coterie.discover.clustering.fitting import assign
from coterie.discover.clustering.plan import ALGORITHMS, Algorithm, Plan
from coterie.discover.clustering.searching import search

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "Checkpoint",
    "Memory",
    "Plan",
    "Progress",
    "assign",
    "search",
]
