"""Features that say what others say already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coterie.discover.prepared import Feature, Note, Reals

SAMPLED = 100_000
"""People by whom correlations are computed; the evenly spaced ones of more."""


def redundant(
    points: Reals, features: Sequence[Feature], limit: float | None
) -> tuple[list[int], list[Note]]:
    """Which features are kept, and which earlier one each of the others repeats.

    Parameters
    ----------
    points : (n, p) float64
        Of the people that are fitted on.
    limit : float or None
        The absolute Pearson correlation beyond which a feature is left out; None keeps all that
        are not constant. Features of one category are not compared with each other.
    """
    points = points[:: max(1, len(points) // SAMPLED)]
    spread = points.std(axis=0)
    notes = [Note("correlation", "left out: constant after the steps before", f.column)
             for f, s in zip(features, spread, strict=True) if s < 1e-9]  # fmt: skip
    candidates = [i for i in range(len(features)) if spread[i] >= 1e-9]
    if limit is None or len(candidates) < 2:
        return candidates, notes
    between = np.atleast_2d(np.corrcoef(points[:, candidates], rowvar=False))
    kept: list[int] = []
    for j, one in enumerate(candidates):
        rivals = [i for i in kept if features[candidates[i]].column != features[one].column]
        same = [i for i in rivals if abs(between[i, j]) > limit]
        if same:
            other = features[candidates[same[0]]].name
            said = f"left out: correlation {between[same[0], j]:.3f} with {other}"
            notes.append(Note("correlation", said, features[one].name, 1))
        else:
            kept.append(j)
    return [candidates[j] for j in kept], notes
