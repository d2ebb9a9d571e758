"""The newest entrances and exits of one segment or stage, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coterie.profiles.recorded import asked
from coterie.profiles.stores import Stores
from coterie.profiles.tally import Count, since

_NEWEST = """
    SELECT profile, change, "at", cause, reason, version, "offset" FROM every_record
    WHERE segment = $segment AND stage = $stage AND "at" >= $since
        AND ($change = '' OR change = $change) AND ($cause = '' OR cause = $cause)
    ORDER BY "at" DESC, "offset" DESC, "sequence" DESC LIMIT $n OFFSET $skipped
"""


def newest(
    stores: Stores,
    counts: Sequence[Count],
    segment: str,
    stage: str,
    change: str = "",
    cause: str = "",
    *,
    n: int = 50,
    skipped: int = 0,
) -> tuple[int, list[dict[str, Any]]]:
    """The newest entrances and exits of a segment or stage, and how many there are in all.

    Parameters
    ----------
    counts : sequence of Count
        As :meth:`coterie.profiles.tally.Tally.of` has them: records of hours before those wanted
        are not read.
    stage : str
        Empty for a segment.
    change : {"", "entered", "exited"}
    cause : str
        Only these; empty for all.
    n, skipped : int
        How many of them, after how many.

    Returns
    -------
    int, list of dict
        ``profile``, ``change``, ``at`` (microseconds UTC), ``cause``, ``reason``, ``version``,
        ``offset``; the newest first.
    """
    wanted = [_only(each, change) for each in counts if cause in ("", each.cause)]
    found = sum(each.entered + each.left for each in wanted)
    with asked(stores) as records:
        rows = records.ask(
            _NEWEST, segment=segment, stage=stage, change=change, cause=cause,
            since=since(wanted, skipped + n), n=n, skipped=skipped,
        )  # fmt: skip
    return found, rows.to_pylist()


def _only(count: Count, change: str) -> Count:
    if not change:
        return count
    return count._replace(left=0) if change == "entered" else count._replace(entered=0)
