"""The candidates of a study side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from coterie.discover.candidates import Candidate, Recommendation
from coterie.discover.keeping.record import divided, encode

if TYPE_CHECKING:
    from coterie.discover.studying.study import Study


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


def summary(study: Study) -> str:
    """A study as JSON, for other programs: nothing in it is about one person."""
    chosen, index = study.chosen, study.recommendation.chosen
    found = {
        "name": study.name,
        "title": study.title,
        "at": study.crowd.at,
        "purpose": study.crowd.purpose,
        "people": len(study.crowd),
        "in_matrix": len(study.prepared.rows),
        "features": study.prepared.names,
        "recommended": None if index is None else study.candidates[index].name,
        "chosen": None if chosen is None else chosen.name,
        "reasons": study.recommendation.reasons,
        "personas": [] if chosen is None else study.personas(),
        "candidates": [divided(candidate) for candidate in study.candidates],
        "notes": study.notes,
        "choices": study.choices.as_json(),
    }
    return encode(found).decode()
