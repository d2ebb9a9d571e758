"""What the lake holds of each planned property, and how old the facts are that a trait rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from coterie.discover.auditing.audit import Recorded
from coterie.discover.auditing.usage import Usage, events_of
from coterie.discover.gathering import Asked
from coterie.engines.fits import Fits
from coterie.language import nodes as n
from coterie.language.definitions import Definitions, Trait
from coterie.language.library import Library
from coterie.language.types import Type
from coterie.profiles.asking import Asking, points

DAY = 86_400_000_000
YEAR = 365


def recorded(cdp: Asked, used: Usage, offset: int) -> list[Recorded]:
    """Every event and property of the plan: how many values it has, how new, and who reads it."""
    found = []
    for event, planned in sorted(cdp.questions.library.plan.events.items()):
        kinds = {name: declared.kind for name, declared in planned.properties.items()}
        rows, newest, filled = _counted(cdp, event, kinds, offset)
        readers = tuple(sorted(used.events.get(event, ())))
        found.append(Recorded(event, rows=rows, filled=rows, newest=newest, used_by=readers))
        for name, declared in sorted(planned.properties.items()):
            readers = tuple(sorted(used.properties.get((event, name), ())))
            count, last = filled[name]
            found.append(
                Recorded(event, name, declared.type, declared.pii, rows, count, last, readers)
            )
    return found


Counts = tuple[int, int | None, dict[str, tuple[int, int | None]]]


def _counted(cdp: Asked, event: str, kinds: dict[str, Type], offset: int) -> Counts:
    """Rows and newest instant of an event, and the same of each property that has a value."""
    columns = {name: f"p{i}" for i, name in enumerate(kinds)}
    lake = cdp.stores.lake
    asked = ["COUNT(*)", 'MAX("at")']
    for column in columns.values():
        asked += [f"COUNT({column})", f'MAX("at") FILTER (WHERE {column} IS NOT NULL)']
    with lake.connect() as con:
        rows = lake.scan(con, event, kinds, offset, rename=columns.__getitem__)
        answer = con.execute(f"SELECT {', '.join(asked)} FROM ({rows})").fetchone()  # noqa: S608
    assert answer is not None
    pairs = list(zip(answer[::2], answer[1::2], strict=True))
    filled = dict(zip(columns, pairs[1:], strict=True))
    return pairs[0][0], pairs[0][1], filled


def staleness(
    cdp: Asked, names: Sequence[str], people: Iterable[str], at: int, offset: int
) -> dict[str, tuple[float, float]]:
    """Of each trait, how old the newest event is that it rests on.

    Parameters
    ----------
    people : iterable of str
        Pseudonyms.
    at : int
        The clock, microseconds UTC.

    Returns
    -------
    dict of str to (float, float)
        The median age in days over people who have such an event, and the share of those whose
        newest is more than 365 days old. Traits whose events nobody has are not in it.
    """
    library = cdp.questions.library
    reads = {name: events_of(library, name) & set(library.plan.events) for name in names}
    events = sorted(set().union(*reads.values())) if reads else []
    newest = _newest(cdp, events, list(people), at, offset)
    found = {}
    for name, read in reads.items():
        if not read:
            continue
        last = np.fmax.reduce([newest[event] for event in read])
        ages = (at - last[~np.isnan(last)]) / DAY
        if len(ages):
            found[name] = (float(np.median(ages)), float(np.mean(ages > YEAR)))
    return found


def _newest(
    cdp: Asked, events: Sequence[str], people: list[str], at: int, offset: int
) -> dict[str, np.ndarray]:
    """The instant of each person's newest event of each name; NaN where there is none."""
    library = cdp.questions.library
    names = {event: f"newest_{i}" for i, event in enumerate(events)}
    traits = {name: Trait(n.LastAt(n.Named(event))) for event, name in names.items()}
    asked = Library(Definitions(dict(traits)), library.plan, library.purposes,
                    library.default_purpose)  # fmt: skip
    spine = points(pa.array(people, pa.string()), offset, at)
    if not names:
        return {}
    rows = Asking(cdp.stores.lake, asked).values([*traits], spine, Fits())
    return {event: _floats(rows[name]) for event, name in names.items()}


def _floats(values: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(values.cast(pa.int64()).cast(pa.float64()).to_numpy(), np.float64)
