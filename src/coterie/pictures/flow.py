"""How people moved between the stages from one date to another."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from coterie.pictures import months as calendar
from coterie.pictures.crowd import Asked, At, Crowd, said, stages_of
from coterie.pictures.ribbons import Pair, drawn
from coterie.pictures.saying import about, rows, table
from coterie.pictures.shares import ABSENT
from coterie.pictures.theme import Drawing, finished

QUARTER = 3


def data(
    cdp: Asked,
    stages: str = "lifecycle_stage",
    since: At = None,
    until: At = None,
    *,
    purpose: str = "",
) -> pa.Table:
    """One row a pair of stages that somebody stands in, at the first date and at the last.

    Parameters
    ----------
    since : instant, optional
        By default the beginning of the third month before that of `until`.
    until : instant, optional
        By default that of the last run.

    Returns
    -------
    pyarrow.Table
        ``before``, ``after``, ``people``, by stages in their own order; ``before`` is
        ``not yet known`` for who came in between.
    """
    options = (*stages_of(cdp, stages).options, ABSENT)
    crowd = Crowd(cdp, until, purpose)
    first, last = _since(cdp, crowd, since), crowd.position.t
    before, after = (rows for _, rows in crowd.over([stages], [first, last]))
    before = before.rename_columns(["profile", "before"])
    both = after.rename_columns(["profile", "after"]).join(
        before, "profile", join_type="left outer"
    )
    pairs = Counter(
        zip(
            pc.fill_null(both["before"], ABSENT).to_pylist(), both["after"].to_pylist(), strict=True
        )
    )
    found = sorted(pairs, key=lambda pair: [options.index(one) for one in pair])
    return table(
        {
            "before": (pa.string(), [before for before, _ in found]),
            "after": (pa.string(), [after for _, after in found]),
            "people": (pa.int64(), [pairs[pair] for pair in found]),
        },
        f"{stages}: who moved where",
        f"from {said(crowd.local(first))} to {said(crowd.local(last))}; "
        f"{crowd.note(both.num_rows)}",
        options="\n".join(options),
        since=said(crowd.local(first)),
        until=said(crowd.local(last)),
    )


def _since(cdp: Asked, crowd: Crowd, since: At) -> int:
    given = cdp.instant(since)
    if given is not None:
        return given
    return calendar.start(calendar.of(crowd.position.t, crowd.zone) - QUARTER, crowd.zone)


def chart(data: pa.Table) -> Drawing:
    """Ribbons from the stages on the left to those on the right, as wide as people are many."""
    options = about(data, "options").split("\n")
    pairs = [Pair(**row) for row in rows(data)]
    drawing = drawn(pairs, options, about(data, "since"), about(data, "until"))
    return finished(drawing, data, height=420, least=520)
