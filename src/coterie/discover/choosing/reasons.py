"""A recommendation in sentences, with the numbers that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from coterie.discover.candidates import Candidate, Measure
from coterie.discover.choosing.weighing import LEAST_STABLE, information, value

FAULTS = {
    "one": "found fewer than two clusters",
    "many": "have more clusters than can be treated apart",
    "small": "have a cluster below the floor of {floor:,} people",
    "noise": "leave more than half of the people as noise",
    "chance": "are no clearer apart than what cuts one heap without clusters",
    "unstable": "do not come back when the people change",
}


def of_chosen(
    candidates: Sequence[Candidate], scores: Sequence[float], chosen: int, floor: int
) -> tuple[str, ...]:
    """Why this candidate, the most weighty first."""
    one = candidates[chosen]
    return (
        f"{one.name} is recommended: {one.k} clusters that come back, lie apart, and are of use.",
        _stable(one),
        _apart(one),
        f"The smallest cluster has {value(one, 'smallest'):,.0f} people; the floor is {floor:,}.",
        f"A cluster's name tells {information(one):.2f} bits about a person, "
        f"as much as {2 ** information(one):.1f} clusters of one size.",
        *_unrelated(one),
        *_fitted(one),
        *_noise(one),
        *_rule(one),
        *_next(candidates, scores, chosen),
    )


def of_none(candidates: Sequence[Candidate], faults: Sequence[str], floor: int) -> tuple[str, ...]:
    """Why none of them: what ruled out how many, and the one that came nearest."""
    counted = Counter(faults)
    said = [
        f"{n:,} of {len(candidates):,} clusterings {FAULTS[fault].format(floor=floor)}."
        for fault, n in counted.most_common()
    ]
    likely = [each for each in candidates if each.k >= 2 and "stability" in each.measures]
    nearest = max(likely, key=lambda each: value(each, "stability") * value(each, "valley"),
                  default=None)  # fmt: skip
    closest = () if nearest is None else (
        f"The nearest to clusters was {nearest.name}.", _stable(nearest), _apart(nearest),
    )  # fmt: skip
    return ("There are no stable clusters here.", *said, *closest)


def _stable(one: Candidate) -> str:
    again, halves = _ranged(one, "stability"), _ranged(one, "folds")
    return (
        f"Found again on people drawn anew, the adjusted Rand index is {again}, and between two "
        f"halves {halves}; 1 is the same clusters, and {LEAST_STABLE:g} the least to call stable."
    )


def _apart(one: Candidate) -> str:
    said = (
        f"Between a cluster and its nearest the density falls by {value(one, 'valley'):.0%} on "
        f"average; cuts through one heap reach {_most(one, 'valley_by_chance'):.0%} by chance."
    )
    if "silhouette" not in one.measures:
        return said
    return (
        f"{said} The silhouette is {_ranged(one, 'silhouette')}, and one heap gives up to "
        f"{_most(one, 'silhouette_by_chance'):.2f}."
    )


def _unrelated(one: Candidate) -> list[str]:
    """A warning where the clusters say no more than single traits do."""
    most = _most(one, "silhouette_unrelated")
    if value(one, "silhouette") > most:
        return []
    return [
        f"With every trait shuffled by itself the silhouette would reach {most:.2f} as well: the "
        "clusters repeat single traits, and say little about how traits go together."
    ]


def _fitted(one: Candidate) -> list[str]:
    """How many were drawn, where not everybody could be fitted on."""
    fitted, everybody = int(value(one, "fitted")), len(one.labels)
    if not fitted or fitted == everybody:
        return []
    return [f"It was fitted on {fitted:,} people, and all {everybody:,} were assigned to it."]


def _noise(one: Candidate) -> list[str]:
    share = value(one, "noise")
    return [f"{share:.1%} of the people belong to no cluster."] if share else []


def _rule(one: Candidate) -> list[str]:
    if one.shape is not None:
        return []
    return ["The algorithm gives no rule for one more person: to go live, distil it into rules."]


def _next(candidates: Sequence[Candidate], scores: Sequence[float], chosen: int) -> list[str]:
    """The best of another algorithm or number, where one qualified."""
    others = [i for i, score in enumerate(scores) if i != chosen and score > 0]
    if not others:
        return ["No other clustering qualified."]
    second = max(others, key=lambda i: scores[i])
    return [
        f"Next comes {candidates[second].name}, weighed at {scores[second]:.2f} "
        f"beside {scores[chosen]:.2f}; {len(others) + 1:,} of {len(candidates):,} qualified."
    ]


def _ranged(one: Candidate, name: str) -> str:
    measure = one.measures.get(name, Measure.exact(0.0))
    if measure.low == measure.high:
        return f"{measure.value:.2f}"
    return f"{measure.value:.2f} ({measure.low:.2f} to {measure.high:.2f})"


def _most(one: Candidate, name: str) -> float:
    return max(0.0, one.measures.get(name, Measure.exact(0.0)).high)
