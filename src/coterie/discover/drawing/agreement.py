"""Which ways to divide the people agree with each other."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from coterie.discover.candidates import Candidate, Recommendation
from coterie.discover.drawing.groups import some
from coterie.discover.drawing.wording import short
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered

MOST = 10
"""Candidates that are compared: the best of each algorithm, then the best of all."""
PEOPLE = 20_000
"""People that agreement is counted over; of more some are drawn by chance."""


def data(
    candidates: Sequence[Candidate],
    recommendation: Recommendation,
    *,
    seed: int = 0,
    most: int = MOST,
) -> pa.Table:
    """One row a pair of candidates, each with itself as well; the best come first.

    Returns
    -------
    pyarrow.Table
        ``a``, ``b`` and ``agreement``: the adjusted Rand index (Hubert and Arabie, 1985), 1 where
        both divide alike and about 0 where they have no more in common than chance. Noise counts
        as a cluster of its own.
    """
    shown = [candidates[place] for place in best(candidates, recommendation, most)]
    people = len(shown[0].labels) if shown else 0
    drawn = some(people, PEOPLE, seed)
    found = [
        (short(a), short(b), float(adjusted_rand_score(a.labels[drawn], b.labels[drawn])))
        for a in shown
        for b in shown
    ]
    return table(
        {
            "a": (pa.string(), [a for a, _, _ in found]),
            "b": (pa.string(), [b for _, b, _ in found]),
            "agreement": (pa.float64(), [agreement for *_, agreement in found]),
        },
        "Do other ways find the same clusters?",
        "adjusted Rand index of each two: 1 where they divide people alike, 0 as chance would; the "
        "best come first",
    )


def best(
    candidates: Sequence[Candidate], recommendation: Recommendation, most: int = MOST
) -> list[int]:
    """The best candidate of each algorithm, then the best of the others, in order of their scores.

    Candidates that nobody weighed keep their order; the one recommended is always among them.
    """
    scores = recommendation.scores or (0.0,) * len(candidates)
    first = recommendation.chosen
    order = sorted(range(len(candidates)), key=lambda place: (place != first, -scores[place]))
    leading = {candidates[place].algorithm: place for place in reversed(order)}
    ahead = sorted(leading.values(), key=order.index)
    kept = (ahead + [place for place in order if place not in ahead])[:most]
    return sorted(kept, key=order.index)


def chart(data: pa.Table) -> Drawing:
    """A matrix, its lower half."""
    names = data["a"].unique().to_pylist()
    shown = [row for row in rows(data) if names.index(row["b"]) <= names.index(row["a"])]
    base = alt.Chart(alt.InlineData(shown)).encode(
        x=alt.X("b:N").sort(names).title(None).axis(labelAngle=-40),
        y=alt.Y("a:N").sort(names).title(None),
        tooltip=["a:N", "b:N", alt.Tooltip("agreement:Q", format=".3f")],
    )  # fmt: skip
    cell = base.mark_rect(cornerRadius=2).encode(
        color=alt.Color("agreement:Q").scale(domain=[0, 1], clamp=True).legend(None)
    )
    number = base.mark_text(fontSize=10).encode(text=alt.Text("agreement:Q", format=".2f"))
    return finished(layered(cell, number), data, height=alt.Step(26), least=560)
