"""The candidates of a study side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coterie.discover.candidates import Candidate, Recommendation


def compared(candidates: Sequence[Candidate], recommendation: Recommendation) -> pd.DataFrame:
    """One row a candidate, the one of the best score first.

    Returns
    -------
    pandas.DataFrame
        ``candidate, algorithm, k, score``, each measure under its name, with ``_low`` and
        ``_high`` where it has an interval, and ``seconds``. What a candidate has no value of is
        NaN.
    """
    scores = recommendation.scores or (float("nan"),) * len(candidates)
    rows = [
        {
            "candidate": candidate.name,
            "algorithm": candidate.algorithm,
            "k": candidate.k,
            "score": score,
            **_measures(candidate),
            "seconds": candidate.seconds,
        }
        for candidate, score in zip(candidates, scores, strict=True)
    ]
    found = pd.DataFrame(rows)
    return found.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _measures(candidate: Candidate) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, measure in candidate.measures.items():
        found[name] = measure.value
        if measure.low != measure.high:
            found |= {f"{name}_low": measure.low, f"{name}_high": measure.high}
    return found
