"""The recommendation: which clustering to use, and why, or that there is nothing to find."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.discover.candidates import Candidate, Recommendation
from coterie.discover.choosing import reasons
from coterie.discover.choosing.weighing import Use, fault, weight


def recommend(
    candidates: Sequence[Candidate], floor: int = 100, use: Use | None = None
) -> Recommendation:
    """The candidate to use, or none where no clusters are stable, with the reasons.

    Parameters
    ----------
    candidates : sequence of Candidate
        As `clustering.search` gives them.
    floor : int
        The least people of a segment.
    use : Use, optional
        What the segments are for; by default up to 10 segments that people move between live.

    Returns
    -------
    Recommendation
        A candidate that does not qualify is weighed at 0.

    Notes
    -----
    A candidate qualifies where its clusters have at least `floor` people, come back under
    resampling, and have valleys between them that are deeper than those k-means cuts into a heap
    without clusters. Among those the weight is ``stability x separation x information^0.75``: how
    well they come back (the geometric mean over bootstraps and halves), how deep the valleys and
    how great the silhouette are (their mean), and how much a segment's name tells about a person
    (the entropy of the sizes, in bits): more segments count for more, each time less, and only as
    long as they are as stable and as separate. Noise counts against it.

    Examples
    --------
    >>> recommend([]).reasons
    ('There are no stable clusters here.',)
    """
    use = use or Use()
    faults = [fault(each, floor, use) for each in candidates]
    scores = tuple(
        0.0 if found else weight(each, use) for each, found in zip(candidates, faults, strict=True)
    )
    if max(scores, default=0.0) <= 0:
        return Recommendation(None, reasons.of_none(candidates, faults, floor), scores)
    chosen = max(range(len(scores)), key=scores.__getitem__)
    return Recommendation(chosen, reasons.of_chosen(candidates, scores, chosen, floor), scores)
