"""The newest entrances and exits of one segment or stage, a page at a time."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles.pieces import blocks, needed, rows
from coterie.profiles.stores import Stores
from coterie.profiles.tally import Tally

_SHOWN = ["profile", "change", "at", "cause", "reason", "version", "offset"]
_ORDER = [(name, "descending") for name in ("at", "offset", "sequence")]


def newest(
    stores: Stores,
    tally: Tally,
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
    tally : Tally
        Knows which pieces of the files hold them: no other is read.
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
    said = {"segment": segment, "stage": stage, "change": change, "cause": cause}
    recorded, pieces = tally.pieces(stores, segment, stage)
    own = [each for each in pieces if change in ("", each.change) and cause in ("", each.cause)]
    some, skipped = needed(blocks(own), skipped, n)
    wanted = {name: value for name, value in said.items() if value or name == "stage"}
    found = [_plain(rows(recorded, block, wanted, [*_SHOWN, "sequence"])) for block in some]
    total = sum(each.n for each in own)
    if not found:
        return total, []
    shown = pa.concat_tables(found).sort_by(_ORDER).slice(skipped, n).select(_SHOWN)
    return total, shown.to_pylist()


def _plain(found: pa.Table) -> pa.Table:
    """Records of runs and of the stream alike: instants as microseconds, and a text as reason."""
    columns = {name: found[name] for name in found.column_names}
    columns["at"] = found["at"].cast(pa.int64())
    columns["reason"] = pc.fill_null(found["reason"].cast(pa.string()), "")
    columns["version"] = found["version"].cast(pa.int64())
    return pa.table(columns)


def moved(stores: Stores, tally: Tally, segment: str, stage: str, since: int) -> pa.Table:
    """Who entered or left a segment or stage after a log offset: ``profile``, last ``change``."""
    recorded, pieces = tally.pieces(stores, segment, stage)
    later = [each for each in pieces if each.high[1] > since]
    wanted = {"segment": segment, "stage": stage}
    shown = ["profile", "change", "offset", "sequence"]
    found = [rows(recorded, block, wanted, shown) for block in blocks(later)]
    if not found:
        return pa.table({"profile": pa.array([], pa.string()), "change": pa.array([], pa.string())})
    every = pa.concat_tables(found)
    every = every.filter(pc.greater(every["offset"], since))
    every = every.sort_by([("offset", "ascending"), ("sequence", "ascending")])
    last = every.group_by("profile", use_threads=False).aggregate([("change", "last")])
    return last.rename_columns(["profile", "change"])
