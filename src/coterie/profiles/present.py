"""Who is in a segment or stage now, a page at a time: the last answer, and what was told since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.types import Type
from coterie.profiles.columns import arrow_type
from coterie.profiles.recorded import Records, asked
from coterie.profiles.state import files_of
from coterie.profiles.stores import Stores, answered
from coterie.storage.ledger import Run

_MOVED = """
    SELECT profile, arg_max(change, ("offset", "sequence")) AS change FROM every_record
    WHERE segment = $segment AND stage = $stage AND "offset" > $offset GROUP BY profile
"""
_PEOPLE = """
    SELECT profile, {may} AS may, {holds} AS holds{traits} FROM answer
    WHERE {holds} OR profile IN (SELECT unnest($moved))
"""
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


def page(stores: Stores, run: Run, kinds: Mapping[str, Type], wanted: Wanted) -> Page:
    """Some of the people of a segment, those included who came in since the last answer.

    Parameters
    ----------
    run : Run
        The last.
    kinds : mapping of str to Type
        Of the traits, by the definitions that it had.

    Notes
    -----
    Whoever is new since the last answer has no values yet, and counts as one who may be used until
    somebody looks: the caller sees to that for those who are shown.
    """
    own = {"segment": wanted.segment, "stage": wanted.stage}
    with asked(stores) as records:
        moved = records.ask(_MOVED, **own, offset=answered(run).offset)
        known = _known(records, files_of(stores.lake, run), kinds, wanted, moved)
    inside = _now(known, moved)
    some = _searched(inside, wanted)
    rows = _sorted(some, wanted).slice(wanted.skipped, wanted.n)
    audience = pc.sum(inside["may"]).as_py() or 0
    return Page(inside.num_rows, audience, some.num_rows, rows)


def came(stores: Stores, segment: str, stage: str, profiles: Sequence[str]) -> dict[str, int]:
    """When each of these people entered a segment or stage last, microseconds UTC.

    Whom no record names is left out.
    """
    with asked(stores) as records:
        found = records.ask(_CAME, segment=segment, stage=stage, profiles=[*profiles])
    return dict(zip(found["profile"].to_pylist(), found["since"].to_pylist(), strict=True))


def _known(
    records: Records, files: tuple[str, ...], kinds: Mapping[str, Type], wanted: Wanted,
    moved: pa.Table,
) -> pa.Table:  # fmt: skip
    """Who was in it by the last answer, and of the others who moved since whom that one knows."""
    columns = records.view("answer", files)
    group = columns[wanted.segment]
    shown = "".join(f", {columns[name]} AS t{i}" for i, name in enumerate(wanted.traits))
    people = records.ask(
        _PEOPLE.format(
            may=f"coalesce({columns[wanted.permission]}, false)", traits=shown,
            holds=f"{group} = $stage" if wanted.stage else group,
        ),
        moved=moved["profile"].to_pylist(), **({"stage": wanted.stage} if wanted.stage else {}),
    ).rename_columns(["profile", "may", "holds", *wanted.traits])  # fmt: skip
    return pa.table(
        [people[name].cast(_type(kinds, name)) for name in people.column_names],
        people.column_names,
    )


def _type(kinds: Mapping[str, Type], name: str) -> pa.DataType:
    if name in kinds:
        return arrow_type(kinds[name])
    return pa.string() if name == "profile" else pa.bool_()


def _now(known: pa.Table, moved: pa.Table) -> pa.Table:
    """Without whoever left since, and with whoever came."""
    was = pc.fill_null(known["holds"], False)
    known = known.drop_columns("holds")
    if not moved.num_rows:
        return known.filter(was)
    entered = pc.equal(moved["change"], "entered")
    came, left = moved["profile"].filter(entered), moved["profile"].filter(pc.invert(entered))
    is_in = pc.or_(was, pc.is_in(known["profile"], came))
    stayed = known.filter(pc.and_not(is_in, pc.is_in(known["profile"], left)))
    new = came.filter(pc.invert(pc.is_in(came, stayed["profile"])))
    fresh = pa.table([new, pa.repeat(pa.scalar(True), len(new))], ["profile", "may"])
    return pa.concat_tables([stayed, fresh], promote_options="default")


def _searched(rows: pa.Table, wanted: Wanted) -> pa.Table:
    if not wanted.everyone:
        rows = rows.filter(rows["may"])
    if not wanted.begins and not wanted.ids:
        return rows
    known = pc.is_in(rows["profile"], pa.array([*wanted.ids], pa.string()))
    begins = pc.starts_with(rows["profile"], wanted.begins or "\0")
    return rows.filter(pc.or_(known, begins))


def _sorted(rows: pa.Table, wanted: Wanted) -> pa.Table:
    """As many of the first as are needed; unknown values come last."""
    order = [(wanted.sort, "descending" if wanted.descending else "ascending")]
    keys = [*(order if wanted.sort else []), ("profile", "ascending")]
    most = min(wanted.skipped + wanted.n, rows.num_rows)
    if not wanted.sort:
        return rows.take(pc.select_k_unstable(rows, most, keys))
    return rows.take(pc.sort_indices(rows, keys).slice(0, most))
