"""Where finished candidates are kept, so that a search that was stopped goes on."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import Candidate
from coterie.discover.clustering.plan import Plan
from coterie.discover.prepared import Reals

Progress = Callable[[str, int, int], None]
"""What is done, how much of it, and of how much."""


class Checkpoint(Protocol):
    """Keeps candidates by key; a key names everything that a candidate depends on."""

    def load(self, key: str) -> Candidate | None:
        """The candidate that was kept under this key."""

    def save(self, key: str, candidate: Candidate) -> None:
        """Keep a candidate before the next one is begun."""


class Memory:
    """A checkpoint that lasts as long as the process.

    Examples
    --------
    >>> Memory().load("0f-kmeans-2") is None
    True
    """

    def __init__(self) -> None:
        self.kept: dict[str, Candidate] = {}

    def load(self, key: str) -> Candidate | None:
        """The candidate that was kept under this key."""
        return self.kept.get(key)

    def save(self, key: str, candidate: Candidate) -> None:
        """Keep a candidate."""
        self.kept[key] = candidate


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody sees."""


def digest(matrix: Reals, fitted_on: NDArray[np.bool_], plan: Plan, seed: int) -> str:
    """16 characters that differ where a search would find something else."""
    said = blake2b(digest_size=8)
    said.update(np.ascontiguousarray(matrix).data)
    said.update(np.ascontiguousarray(fitted_on).data)
    said.update(msgspec.json.encode([plan, seed, list(matrix.shape)]))
    return said.hexdigest()
