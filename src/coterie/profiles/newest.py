"""The newest entrances and exits of one segment or stage, a page at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from coterie.profiles.recorded import asked
from coterie.profiles.stores import Stores

_OWN = """
    FROM every_record WHERE segment = $segment AND stage = $stage
        AND ($change = '' OR change = $change) AND ($cause = '' OR cause = $cause)
"""
_OFFSETS = f'SELECT "offset" {_OWN}'
_NEWEST = f"""
    SELECT profile, change, "at", cause, reason, version, "offset" {_OWN} AND "offset" >= $least
    ORDER BY "offset" DESC, "sequence" DESC LIMIT $n OFFSET $skipped
"""


def newest(
    stores: Stores,
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

    Notes
    -----
    What is shown is read whole, of all others the offset alone.
    """
    own = {"segment": segment, "stage": stage, "change": change, "cause": cause}
    with asked(stores) as records:
        offsets = records.ask(_OFFSETS, **own)["offset"].to_numpy()
        last = min(skipped + n, len(offsets))
        least = int(np.partition(offsets, -last)[-last]) if last else 0
        rows = records.ask(_NEWEST, **own, least=least, n=n, skipped=skipped)
    return len(offsets), rows.to_pylist()
