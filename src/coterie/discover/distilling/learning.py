"""Learning rules from clusters, and measuring them on people held out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from coterie.discover.candidates import NOISE, Candidate, Measure
from coterie.discover.crowd import Crowd
from coterie.discover.distilling.growing import Labels, Lesson, Rule, grown, rules_of
from coterie.discover.distilling.questions import questions
from coterie.discover.distilling.rules import Rules, Told, assigned
from coterie.discover.distilling.shortening import People, shortened
from coterie.discover.prepared import Prepared
from coterie.errors import DefinitionError

Rows = NDArray[np.int64]
FEWEST = 50
"""People that there must be, so that some can be held out."""
MOST = 200_000
"""People that rules are learned from and measured on together, at most."""
HELD_OUT = 0.3
SAMPLES = 10
"""Bootstrap samples whose rules are compared."""
SAMPLED = 20_000
WORTH = 0.01
"""The part of the people that one question more must tell; twice that beyond the depth asked."""
SHORTENED = 0.01
"""What making rules short may cost of it."""


def distill(
    crowd: Crowd,
    prepared: Prepared,
    candidate: Candidate,
    *,
    depth: int = 4,
    deepest: int = 8,
    wanted: float = 0.9,
    seed: int = 0,
    name: str = "study",
    names: Sequence[str] = (),
) -> Rules:
    """Clusters as rules over raw traits, with their agreement measured on people held out.

    Parameters
    ----------
    crowd, prepared, candidate
        Of one study. Rules ask about the traits that the clusters were made of.
    depth : int
        Questions one after another; fewer where more would hardly tell more, and more only where
        each tells much more or `wanted` needs them.
    deepest : int
        Questions one after another, at most.
    wanted : float
        The agreement that is worth more questions than `depth`.
    seed : int
        Of the division into people learned from and people held out, and of the samples.
    name : str
        What the definitions are called.
    names : sequence of str
        Of the clusters; by default ``cluster_0``, the largest, and so on.

    Returns
    -------
    Rules

    Raises
    ------
    DefinitionError
        There is one cluster or none, fewer than 50 people, or a name too many or too few.

    Notes
    -----
    A value that is unknown counts as the preparation's: the side of the constant that was put
    there, or, where neighbours or regressions filled it, the side on which the people of that
    node are told best (Breiman and others, "Classification and Regression Trees", 1984). Where
    the preparation left people out, no rule about that trait holds for them. Text conditions
    take an unknown text for another one.
    """
    _check(candidate)
    rng = np.random.default_rng(seed)
    class_ = _class(crowd, prepared, candidate, rng)
    learned, held_out = _divided(len(class_.lesson.labels), rng)
    reach = _depth(class_.lesson.of(learned), depth, deepest, wanted, rng)
    rules = class_.rules(learned, reach, seed)
    told, truth = class_.told(rules, held_out), class_.lesson.labels[held_out]
    found = Rules(
        name,
        tuple(f"cluster_{i}" for i in range(candidate.k)),
        rules,
        share(told == truth),
        share(told != NOISE),
        _stability(class_, learned, held_out, told, reach, seed),
        tuple(_told(i, told, truth) for i in range(candidate.k)),
        len(learned),
        len(held_out),
        reach,
    )
    return found.renamed(names) if names else found


@dataclass(frozen=True)
class _Class:
    """The people that rules are learned from and measured on."""

    frame: pd.DataFrame
    at: int
    lesson: Lesson

    def rules(self, rows: Rows, depth: int, seed: int) -> tuple[Rule, ...]:
        """What some of them teach."""
        taught = self.lesson.of(rows)
        rules = rules_of(grown(taught, depth, seed), taught)
        return shortened(rules, People(self.frame.iloc[rows], self.at, taught.labels))

    def told(self, rules: tuple[Rule, ...], rows: Rows) -> Labels:
        """What rules say of some of them."""
        return assigned(rules, self.frame.iloc[rows], self.at)


def _check(candidate: Candidate) -> None:
    if candidate.k < 2:
        raise DefinitionError(
            "there is nothing to tell apart", got=f"{candidate.k} clusters",
            expected="at least 2", hint="choose a candidate with more clusters",
        )  # fmt: skip
    if len(candidate.labels) < FEWEST:
        raise DefinitionError(
            "too few people to learn rules from and hold some out",
            got=f"{len(candidate.labels):,} people", expected=f"at least {FEWEST}",
        )  # fmt: skip


def _class(
    crowd: Crowd, prepared: Prepared, candidate: Candidate, rng: np.random.Generator
) -> _Class:
    rows = np.sort(rng.permutation(len(candidate.labels))[:MOST])
    frame, asked = prepared.raw.iloc[rows], questions(crowd, prepared)
    columns = [question.values(frame, crowd.at) for question in asked]
    answers = [np.where(np.isfinite(column), column, np.nan) for column in columns]
    return _Class(frame, crowd.at, Lesson(asked, np.column_stack(answers), candidate.labels[rows]))


def _divided(n: int, rng: np.random.Generator) -> tuple[Rows, Rows]:
    order = rng.permutation(n)
    cut = int(n * HELD_OUT)
    return np.sort(order[cut:]), np.sort(order[:cut])


def _depth(
    lesson: Lesson, depth: int, deepest: int, wanted: float, rng: np.random.Generator
) -> int:
    """How many questions pay, by the agreement of trees on people apart."""
    learned, checked = _divided(len(lesson.labels), rng)
    taught, known = lesson.of(learned), lesson.of(checked)
    scores = {
        d: float(grown(taught, d, 0).score(known.answers, known.labels))
        for d in range(1, deepest + 1)
    }
    best = max(scores, key=lambda d: scores[d] - WORTH * (d + max(0, d - depth)))
    reaching = [d for d, score in scores.items() if score >= wanted + SHORTENED]
    return min(reaching) if scores[best] < wanted + SHORTENED and reaching else best


def _stability(
    class_: _Class, learned: Rows, held_out: Rows, told: Labels, depth: int, seed: int
) -> Measure:
    others = (class_.rules(sample, depth, seed) for sample in _samples(learned, seed))
    agreed = [float(adjusted_rand_score(told, class_.told(each, held_out))) for each in others]
    return Measure(float(np.mean(agreed)), min(agreed), max(agreed))


def _samples(rows: Rows, seed: int) -> Iterator[Rows]:
    rng = np.random.default_rng([seed, 1])
    for _ in range(SAMPLES):
        yield np.sort(rng.choice(rows, min(len(rows), SAMPLED)))


def share(true: NDArray[np.bool_]) -> Measure:
    """A share with its 95 % interval (Wilson, 1927).

    Examples
    --------
    >>> found = share(np.array([True] * 9 + [False]))
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.9, 0.596, 0.982)
    """
    n, p, z = len(true), float(true.mean()), 1.959963984540054
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Measure(p, max(0.0, middle - half), min(1.0, middle + half))


def _told(cluster: int, told: Labels, truth: Labels) -> Told:
    inside, put = truth == cluster, told == cluster
    right = int((inside & put).sum())
    n_inside, n_put = int(inside.sum()), int(put.sum())
    return Told(
        cluster,
        n_inside,
        right / n_inside if n_inside else math.nan,
        right / n_put if n_put else math.nan,
    )
