"""One person's events: as engines see them, and as a story to read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from coterie.engines.reference import Fact
from coterie.language import types
from coterie.language.plan import TrackingPlan
from coterie.profiles.stores import Position
from coterie.storage.lake import Lake

_READ = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class Happened(msgspec.Struct, frozen=True):
    """One event of a person: when, what, what it said, and where it came from."""

    at: int
    name: str
    properties: dict[str, Any]
    source: str = ""


class Told:
    """Every event of one person, as rows say them.

    Parameters
    ----------
    rows : list of dict
        As :meth:`coterie.storage.lake.Lake.history` has them, by instant and then key.
    plan : TrackingPlan
    """

    def __init__(self, rows: list[dict[str, Any]], plan: TrackingPlan) -> None:
        self._rows = rows
        self._plan = plan

    def __len__(self) -> int:
        return len(self._rows)

    def facts(self) -> list[Fact]:
        """The events as engines see them: planned values, in units."""
        return [self._fact(row) for row in self._rows]

    def seen(self, position: Position) -> list[Happened]:
        """The events that a position sees, oldest first; an array's lines are in their parent."""
        lines = {line for e in self._plan.events.values() for line in e.explode.values()}
        return [
            Happened(row["at"], row["name"], _READ.decode(row["properties"]), row["source"])
            for row in self._rows
            if row["offset"] <= position.offset
            and row["at"] <= position.t
            and (row["retired"] is None or row["retired"] > position.offset)
            and row["name"] not in lines
        ]

    def _fact(self, row: dict[str, Any]) -> Fact:
        planned = self._plan.events.get(row["name"])
        said = _READ.decode(row["properties"]) if planned else {}
        kinds = {name: prop.kind for name, prop in planned.properties.items()} if planned else {}
        return Fact(
            key=row["key"],
            name=row["name"],
            at=row["at"],
            offset=row["offset"],
            retired=row["retired"],
            values={
                n: units(said[n], kind) for n, kind in kinds.items() if said.get(n) is not None
            },
        )


class History(Told):
    """Every event of one person that the lake holds.

    Parameters
    ----------
    lake : Lake
    profile : str
        The pseudonym.
    plan : TrackingPlan
    """

    def __init__(self, lake: Lake, profile: str, plan: TrackingPlan) -> None:
        with lake.connect() as con:
            super().__init__(lake.history(con, profile, plan).to_pylist(), plan)


def units(value: Any, kind: types.Type) -> Any:
    """A JSON value as engines hold it: exact numbers in units, reals as floats.

    Examples
    --------
    >>> units(Decimal("10.5"), types.Decimal(2)), units(3, types.Real())
    (1050, 3.0)
    """
    if types.is_exact_number(kind):
        return int(Decimal(value).scaleb(types.scale_of(kind)))
    return float(value) if isinstance(kind, types.Real) else value
