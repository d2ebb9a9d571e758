"""Who is in a segment or stage now, a page at a time: the last answer, and what was told since."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles.everybody import Everybody, Places, Truths
from coterie.profiles.recorded import asked
from coterie.profiles.stores import Stores

_CAME = """
    SELECT profile, arg_max("at", ("offset", "sequence")) AS since FROM every_record
    WHERE segment = $segment AND stage = $stage AND change = 'entered'
        AND profile IN (SELECT unnest($profiles))
    GROUP BY profile
"""


class Wanted(NamedTuple):
    """Whom to list.

    Parameters
    ----------
    segment, stage : str
        The stage is empty for a segment.
    permission : str
        The trait that says whether somebody may be used for the segment's purpose.
    traits : tuple of str
        Shown beside the pseudonym.
    everyone : bool
        Those as well who may not be used.
    begins, ids : str, sequence of str
        Only whose pseudonym begins so, or is one of these; nothing for anybody.
    sort : str
        A trait that is shown; by pseudonym where it is empty.
    descending : bool
    n, skipped : int
        How many of them, after how many.
    """

    segment: str
    stage: str
    permission: str
    traits: tuple[str, ...] = ()
    everyone: bool = False
    begins: str = ""
    ids: Sequence[str] = ()
    sort: str = ""
    descending: bool = False
    n: int = 50
    skipped: int = 0


class Page(NamedTuple):
    """Some of the people of a segment or stage.

    Parameters
    ----------
    holds, audience : int
        Who is in it, and who of them may be used by the last answer.
    found : int
        Who is wanted, on all pages.
    rows : pyarrow.Table
        ``profile``, ``may`` and the traits.
    """

    holds: int
    audience: int
    found: int
    rows: pa.Table


def page(everybody: Everybody, moved: pa.Table, wanted: Wanted) -> Page:
    """Some of the people of a segment, those included who came in since the last answer.

    Parameters
    ----------
    everybody : Everybody
        The last answer.
    moved : pyarrow.Table
        Who entered or left since: ``profile`` and ``change``, each person once.

    Notes
    -----
    Whoever is new since the last answer has no values yet, and counts as one who may be used until
    somebody looks: the caller sees to that for those who are shown.
    """
    inside, new = _now(everybody, moved, wanted)
    may = everybody.inside(wanted.permission)
    n_new = len(new)
    shown = _searched(everybody, inside if wanted.everyone else inside & may, wanted)
    new = [profile for profile in new if _is_wanted(profile, wanted)]
    known, last = _ordered(everybody, shown, wanted)
    return Page(
        _count(inside) + n_new, _count(inside & may) + n_new, len(known) + len(last) + len(new),
        _rows(everybody, known, Merged(everybody, last, new), wanted),
    )  # fmt: skip


def _count(truths: Truths) -> int:
    return int(np.count_nonzero(truths))


def _now(everybody: Everybody, moved: pa.Table, wanted: Wanted) -> tuple[Truths, list[str]]:
    """Who is in it without whoever left since, and who came whom the answer does not know."""
    inside = everybody.inside(wanted.segment, wanted.stage)
    if not moved.num_rows:
        return inside, []
    entered = pc.equal(moved["change"], "entered")
    came = moved["profile"].filter(entered).to_pylist()
    inside = inside.copy()
    inside[everybody.places(moved["profile"].filter(pc.invert(entered)).to_pylist())] = False
    known = everybody.places(came)
    inside[known] = True
    return inside, sorted({*came}.difference(everybody.profile(place) for place in known.tolist()))


def _searched(everybody: Everybody, shown: Truths, wanted: Wanted) -> Truths:
    if not wanted.begins and not wanted.ids:
        return shown
    found = np.zeros_like(shown)
    if wanted.begins:
        found[everybody.begin(wanted.begins)] = True
    found[everybody.places([*wanted.ids])] = True
    return shown & found


def _is_wanted(profile: str, wanted: Wanted) -> bool:
    if not wanted.begins and not wanted.ids:
        return True
    return profile in wanted.ids or bool(wanted.begins and profile.startswith(wanted.begins))


def _ordered(everybody: Everybody, shown: Truths, wanted: Wanted) -> tuple[Places, Places]:
    """Their rows by the trait; and of those whose value is unknown, who come last, by profile."""
    if not wanted.sort:
        return np.empty(0, np.int64), np.flatnonzero(shown)
    places = everybody.order(wanted.sort, descending=wanted.descending)
    n_known = len(places) - everybody.column(wanted.sort).null_count
    known, last = places[:n_known], places[n_known:]
    return known[shown[known]], last[shown[last]]


class Merged:
    """Rows of an answer by profile, and between them people whom it does not know.

    Parameters
    ----------
    places : Places
        Ascending.
    new : list of str
        Sorted.
    """

    def __init__(self, everybody: Everybody, places: Places, new: list[str]) -> None:
        self._everybody = everybody
        self._places = places
        self._new = new

    def some(self, start: int, end: int) -> Iterator[int | str]:
        """The rows, or the profiles of new people, from one number to before another."""
        i = bisect_left(range(len(self._places)), start, key=self._rank)
        j = start - i
        for _ in range(start, min(end, len(self._places) + len(self._new))):
            if i < len(self._places) and self._rank(i) == i + j:
                yield int(self._places[i])
                i += 1
            else:
                yield self._new[j]
                j += 1

    def _rank(self, i: int) -> int:
        """Which number a row has among all."""
        if not self._new:
            return i
        return i + bisect_left(self._new, self._everybody.profile(int(self._places[i])))


def _rows(everybody: Everybody, known: Places, merged: Merged, wanted: Wanted) -> pa.Table:
    """Those of one page."""
    start, end = wanted.skipped, wanted.skipped + wanted.n
    some: list[int | str] = [int(place) for place in known[start:end]]
    some += merged.some(max(0, start - len(known)), max(0, end - len(known)))
    names = dict.fromkeys((wanted.permission, *wanted.traits))
    places = [None if isinstance(each, str) else each for each in some]
    rows = everybody.table([*names]).take(pa.array(places, pa.int64()))
    told = zip(some, rows["profile"].to_pylist(), strict=True)
    profiles = pa.array([new if isinstance(new, str) else old for new, old in told], pa.string())
    may = pc.or_(pc.fill_null(rows[wanted.permission], False), pc.is_null(rows["profile"]))
    columns = {"profile": profiles, "may": may} | {name: rows[name] for name in wanted.traits}
    return pa.table(columns)


def came(stores: Stores, segment: str, stage: str, profiles: Sequence[str]) -> dict[str, int]:
    """When each of these people entered a segment or stage last, microseconds UTC.

    Whom no record names is left out.
    """
    with asked(stores) as records:
        found = records.ask(_CAME, segment=segment, stage=stage, profiles=[*profiles])
    return dict(zip(found["profile"].to_pylist(), found["since"].to_pylist(), strict=True))
