"""The candidates of a study side by side, as a table of the page."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.discover.candidates import Candidate, Recommendation
from coterie.discover.drawing.wording import CRITERIA, called, valued
from coterie.discover.reporting.parts import NONE, Cell, folded, table

SHOWN = ("silhouette", "valley", "stability", "folds", "noise", "smallest")
FIRST = 10
"""Candidates that are shown before the others are asked for."""


def compared(
    candidates: Sequence[Candidate], recommendation: Recommendation, chosen: Candidate | None
) -> str:
    """Every candidate, the best score first; those after the tenth are folded away."""
    order = _order(candidates, recommendation)
    if chosen is not None:
        order.sort(key=lambda place: candidates[place] is not chosen)
    shown = _table(candidates, recommendation, order[:FIRST], chosen)
    if rest := order[FIRST:]:
        shown += folded(f"{len(rest)} more", _table(candidates, recommendation, rest, chosen))
    if any(score <= 0 for score in recommendation.scores):
        shown += f'<p class="soft">{NONE} as a score: not good enough to be recommended.</p>'
    return shown


def _order(candidates: Sequence[Candidate], recommendation: Recommendation) -> list[int]:
    scores = recommendation.scores or (0.0,) * len(candidates)
    return sorted(range(len(candidates)), key=lambda place: (-scores[place], place))


def _table(
    candidates: Sequence[Candidate],
    recommendation: Recommendation,
    places: Sequence[int],
    chosen: Candidate | None,
) -> str:
    measures = [name for name in SHOWN if any(name in one.measures for one in candidates)]
    heads = [Cell("clustering"), *([Cell("score", number=True)] if recommendation.scores else [])]
    heads += [Cell(CRITERIA[name].short, number=True) for name in measures]
    return table(
        heads,
        (_row(candidates[place], place, recommendation, measures, chosen) for place in places),
        kind="compared",
        chosen=next((n for n, place in enumerate(places) if candidates[place] is chosen), -1),
    )


def _row(
    one: Candidate,
    place: int,
    recommendation: Recommendation,
    measures: Sequence[str],
    chosen: Candidate | None,
) -> list[Cell]:
    mark = "chosen" if one is chosen else ""
    if place == recommendation.chosen:
        mark = "recommended"
    found = [Cell(called(one), " ".join(filter(None, (one.name, mark and f"({mark})"))))]
    if recommendation.scores:
        score = recommendation.scores[place]
        found.append(Cell(f"{score:.2f}" if score > 0 else NONE, number=True))
    for name in measures:
        said, _, interval = valued(name, one.measures.get(name)).partition(" (")
        found.append(Cell(said, f"({interval}" if interval else "", number=True))
    return found
