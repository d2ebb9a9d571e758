"""A whole default study beside the plain notebook way, and of a million people.

The notebook way is scikit-learn's k-means for k = 2 to 10, each with its exact silhouette. The
study of the same people tries every algorithm, resamples, compares with chance, explains and
distils, and draws its report. The exact silhouettes are then held against the study's intervals.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common.results import keep
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from coterie.discover import Study, study
from coterie.discover.candidates import Candidate

KS = range(2, 11)
KINDS = 5
NOTEBOOK_PEOPLE = 200_000
"""Beyond so many people an exact silhouette takes hours."""


def main() -> None:
    """Study generated people, and do it the notebook way where that can be waited for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--traits", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    frame = people(chosen.people, chosen.traits, chosen.seed)
    measured = _studied(frame)
    found: Study = measured.pop("study")
    if chosen.people <= NOTEBOOK_PEOPLE:
        measured |= _beside_the_notebook(found)
    size = {"people": chosen.people, "traits": chosen.traits, "seed": chosen.seed}
    keep(f"discover-{chosen.people}", size, measured)


def people(n: int, d: int, seed: int) -> pd.DataFrame:
    """Customers of five kinds that overlap: amounts, counts, shares and truths by turns."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(KINDS, n, p=[0.35, 0.25, 0.2, 0.12, 0.08])
    level = rng.uniform(-1.5, 1.5, (d, KINDS))
    columns: dict[str, Any] = {}
    for i in range(d):
        mean = level[i][kind]
        if i % 4 == 0:
            columns[f"amount_{i}"] = np.exp(3 + mean + 0.5 * rng.standard_normal(n))
        elif i % 4 == 1:
            columns[f"count_{i}"] = rng.poisson(np.exp(1 + mean)).astype(float)
        elif i % 4 == 2:
            high = 1 / (1 + np.exp(-2 * mean))
            columns[f"share_{i}"] = rng.beta(1 + 6 * high, 7 - 6 * high)
        else:
            columns[f"is_{i}"] = rng.random(n) < 1 / (1 + np.exp(-3 * mean))
    return pd.DataFrame(columns)


def _studied(frame: pd.DataFrame) -> dict[str, Any]:
    """The default study with its report: seconds by part, and the most memory of the process."""
    steps: list[tuple[str, float]] = []

    def told(what: str, done: int, total: int) -> None:
        steps.append((what.partition("-")[0], time.perf_counter()))
        print(f"  {done}/{total} {what}", flush=True)

    begun, cpu = time.perf_counter(), time.process_time()
    found = study(frame, progress=told, title="a benchmark")
    searched = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if found.chosen is not None:
            found.report(Path(folder) / "report.html")
    ended = time.perf_counter()
    return {
        "study": found,
        "seconds": {
            "whole study": round(ended - begun, 1),
            "of processor time": round(time.process_time() - cpu, 1),
            "up to the recommendation": round(searched - begun, 1),
            "explaining, drawing, report": round(ended - searched, 1),
        },
        "steps": _by_step(steps, searched),
        "peak_memory_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2),
        "recommended": "none" if found.chosen is None else found.chosen.name,
        "candidates": len(found.candidates),
    }


def _by_step(steps: list[tuple[str, float]], ended: float) -> dict[str, float]:
    """Seconds between one progress call and the next, by what was said."""
    times: dict[str, float] = {}
    for (name, at), (_, then) in zip(steps, [*steps[1:], ("", ended)], strict=True):
        times[name] = round(times.get(name, 0.0) + then - at, 1)
    return times


def _beside_the_notebook(found: Study) -> dict[str, Any]:
    """K-means and exact silhouettes of the same matrix, and whether each is in its interval."""
    matrix = found.prepared.matrix
    ours = {each.k: each for each in found.candidates if each.algorithm == "kmeans"}
    begun, cpu, within = time.perf_counter(), time.process_time(), {}
    for k in KS:
        exact = _by_hand(matrix, ours[k])
        measure = ours[k].measures["silhouette"]
        within[f"k = {k}"] = (
            f"exact {exact:.4f}, study {measure.value:.4f} "
            f"({measure.low:.4f} to {measure.high:.4f}): {measure.low <= exact <= measure.high}"
        )
        print(f"  notebook, k = {k}: {time.perf_counter() - begun:.1f} s", flush=True)
    seconds = {
        "k-means and exact silhouettes": round(time.perf_counter() - begun, 1),
        "of processor time": round(time.process_time() - cpu, 1),
    }
    return {"seconds of the notebook way": seconds, "exact silhouettes": within}


def _by_hand(matrix: np.ndarray, candidate: Candidate) -> float:
    """What a notebook does for one k, with the same start as the study's candidate."""
    labels = KMeans(**candidate.parameters).fit_predict(matrix)
    return float(silhouette_score(matrix, labels))


if __name__ == "__main__":
    main()
