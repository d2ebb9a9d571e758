"""Broad segments split as volume allows: a tree of groups, each division with its test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import NOISE, Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.prepared import Prepared, Reals
from coterie.discover.splitting.dividing import Division, divided, measured
from coterie.discover.splitting.testing import Test

LEAST_VALLEY = 0.15
"""Shallower valleys divide nobody, however certain they are."""
KIND = "one heap (SigClust with valleys; hierarchy by Kimes and others, 2017)"


@dataclass(frozen=True)
class Node:
    """A group in the tree.

    Parameters
    ----------
    path : tuple of int
        The way from the top: ``()`` is everybody, ``(0, 1)`` the smaller part of the first group.
    rows : (n,) int64
        Of the prepared matrix.
    test : Test or None
        That it is more than one heap; None where it was too small to ask.
    parts : tuple of Node
        Empty where it was not divided.
    why : str
        Why it was divided, or not.
    """

    path: tuple[int, ...]
    rows: NDArray[np.int64]
    test: Test | None
    parts: tuple[Node, ...]
    why: str

    @property
    def name(self) -> str:
        """Such as ``0.1``; ``everybody`` at the top."""
        return ".".join(map(str, self.path)) or "everybody"

    def leaves(self) -> Iterator[Node]:
        """The groups that were divided no further."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def lines(self) -> Iterator[str]:
        """The tree as text, a group a line."""
        yield f"{'  ' * len(self.path)}{self.name}: {len(self.rows):,} people; {self.why}"
        for part in self.parts:
            yield from part.lines()


@dataclass(frozen=True)
class _Limits:
    matrix: Reals
    floor: int
    levels: int
    level: float
    seed: int


def split(
    crowd: Crowd,
    prepared: Prepared,
    start: Candidate | None = None,
    *,
    floor: int = 100,
    levels: int = 4,
    level: float = 0.05,
    seed: int = 0,
) -> Node:
    """Everybody, or the broad segments of a clustering, divided while there is more than one heap.

    Parameters
    ----------
    crowd, prepared
        Of one study.
    start : Candidate, optional
        The broad segments; by default everybody is one. Its noise is left out.
    floor : int
        The least people of a group.
    levels : int
        How often a group is divided again, at most.
    level : float
        The chance of dividing anything where there is one heap.

    Returns
    -------
    Node
        The top; its leaves are the segments. `clustering` makes a candidate of them.

    Notes
    -----
    The p of a group counts as many times as it goes into everybody, so that the chance of a wrong
    division anywhere stays at `level` (Kimes and others, "Statistical significance for
    hierarchical clustering", 2017, after Meinshausen, 2008).
    """
    limits = _Limits(measured(prepared, seed), floor, levels, level, seed)
    everybody = np.arange(len(prepared.matrix))
    if start is None:
        return _node((), everybody, limits)
    broad = [np.flatnonzero(start.labels == i) for i in range(start.k)]
    parts = tuple(_node((i,), rows, limits) for i, rows in enumerate(broad))
    kept = everybody[start.labels != NOISE]
    return Node((), kept, None, parts, f"{start.k} broad segments of {start.name}")


def _node(path: tuple[int, ...], rows: NDArray[np.int64], limits: _Limits) -> Node:
    if len(path) >= limits.levels:
        return Node(path, rows, None, (), f"{limits.levels} levels are the most")
    found = divided(limits.matrix[rows], limits.floor, limits.seed)
    if found is None:
        why = f"a part would have fewer than {limits.floor:,} people"
        return Node(path, rows, None, (), why)
    test = Test(KIND, found.valley, found.p, min(1.0, found.p * len(limits.matrix) / len(rows)))
    if test.adjusted > limits.level or found.valley < LEAST_VALLEY:
        return Node(path, rows, test, (), f"one group: {_said(found, test)}")
    sides = (rows[~found.second], rows[found.second])
    parts = tuple(_node((*path, i), side, limits) for i, side in enumerate(sides))
    return Node(path, rows, test, parts, f"divided: {_said(found, test)}")


def _said(found: Division, test: Test) -> str:
    return (
        f"between the parts the density falls by {found.valley:.0%}, in one heap by "
        f"{found.by_chance:.0%} ({chance(test.adjusted)})"
    )


def chance(p: float) -> str:
    """A chance to read.

    Examples
    --------
    >>> chance(0.0314), chance(1e-9)
    ('p = 0.031', 'p < 0.001')
    """
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def clustering(top: Node, prepared: Prepared) -> Candidate:
    """The leaves of a tree as a candidate, the largest first, to explain, distill and name."""
    leaves = sorted(top.leaves(), key=lambda leaf: (-len(leaf.rows), leaf.path))
    labels = np.full(len(prepared.matrix), NOISE, dtype=np.int32)
    for i, leaf in enumerate(leaves):
        labels[leaf.rows] = i
    return Candidate("split", len(leaves), {"paths": [leaf.name for leaf in leaves]}, labels, None)
