"""Events typed in memory, one by one, are what the lake's own SQL says of them."""

from __future__ import annotations

from decimal import Decimal as Amount
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines.sql.sources import column
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.types import Boolean, Decimal, Instant, Integer, Real, Text, Type
from coterie.profiles.live.facts import Facts
from coterie.storage import columns
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from coterie.storage.units import reader

NAME, LINE = "Ordered", "Line"
DECLARED = {
    "n": Property(type="integer"),
    "whole": Property(type="decimal", scale=0),
    "price": Property(type="decimal", scale=2),
    "fine": Property(type="decimal", scale=6),
    "weight": Property(type="real"),
    "said": Property(type="text"),
    "gift": Property(type="boolean"),
    "when": Property(type="instant"),
}
PLAN = TrackingPlan(
    events={
        NAME: PlannedEvent(properties=DECLARED, explode={"lines": LINE}, inherit=("said",)),
        LINE: PlannedEvent(properties={"said": DECLARED["said"], "price": DECLARED["price"]}),
    }
)
NEEDS: dict[str, dict[str, Type]] = {
    NAME: {
        "n": Integer(), "whole": Decimal(0), "price": Decimal(2), "fine": Decimal(6),
        "weight": Real(), "said": Text(), "gift": Boolean(), "when": Instant(),
    },
    LINE: {"price": Decimal(2), "said": Text()},
}  # fmt: skip
OTHERS: dict[str, dict[str, Type]] = {
    NAME: {
        "n": Decimal(3), "whole": Real(), "price": Decimal(4), "fine": Decimal(1),
        "weight": Text(), "when": Integer(), "unknown": Text(),
    }
}  # fmt: skip
"""What definitions may take properties for while the plan is being edited."""

amounts = st.decimals(-(10**6), 10**6, places=2, allow_nan=False)
values = st.fixed_dictionaries(
    {},
    optional={
        "n": st.none() | st.integers(-(2**40), 2**40) | st.text(max_size=2) | st.just(2**64),
        "whole": st.none() | st.integers(-(2**40), 2**40),
        "price": st.none() | st.integers(-1000, 1000) | amounts,
        "fine": st.none() | st.decimals(-99, 99, places=7) | st.integers(-9, 9),
        "weight": st.none() | st.integers(-9, 9) | st.floats(-1e9, 1e9) | amounts,
        "said": st.none() | st.text(max_size=4) | st.integers(),
        "gift": st.none() | st.booleans() | st.integers() | st.text(max_size=2),
        "when": st.none()
        | st.integers(0, 2**50)
        | st.just("2024-02-03T04:05:06.7+02:00")
        | st.text(max_size=2),
        "unplanned": st.integers(),
        "lines": st.lists(st.fixed_dictionaries({"price": amounts}), max_size=3),
    },
)
events = st.lists(
    st.tuples(
        st.sampled_from([NAME, "Other"]),
        values,
        st.sampled_from([None, "u0", "u1"]),
        st.sampled_from([None, "d0", "u1"]),
        st.sampled_from([None, None, "m0", "m1"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(events, st.sampled_from([NEEDS, OTHERS]), st.sampled_from([None, 3]))
def test_arrivals_are_the_rows_of_the_lake(
    given_: list[Any], needs: dict[str, dict[str, Type]], until: int | None
) -> None:
    """Name, profile, instant, key and every value in units; whatever was superseded is left out."""
    with TemporaryDirectory() as folder, Log(Path(folder) / "log.db") as log:
        log.append_events(
            [
                Event(
                    source="shop", message_id=f"m{i}", name=name, occurred_at=i, received_at=i,
                    user_id=user, anonymous_id=device, properties=said, supersedes=old,
                )
                for i, (name, said, user, device, old) in enumerate(given_)
            ]
        )  # fmt: skip
        facts = Facts(Lake(Path(folder) / "lake"), PLAN, 0)
        rows, _ = facts.learn(log.read(0, 99), log.end())
        wanted = [
            (name, row["profile"], row["at"], row["key"], *(row[column(p)] for p in kinds))
            for name, table in facts.fresh(rows, needs, until).items()
            for kinds in [needs.get(name, {})]
            for row in table.to_pylist()
        ]
        found = [(*a[:4], *a.values) for a in facts.arrivals(rows, needs, until)]
        facts.close()
    assert sorted(found, key=repr) == sorted(wanted, key=repr)


@pytest.mark.parametrize(
    ("prop", "value"),
    [
        ("n", "1"), ("n", 2**63), ("price", 1.5), ("price", Amount(2**40)), ("price", True),
        ("fine", Amount("0.0000001")), ("said", 7), ("gift", 1), ("when", "today"),
        ("when", 2**63), ("weight", "heavy"), ("fine", Amount("NaN")),
    ],
)  # fmt: skip
def test_value_that_does_not_fit_its_plan_is_unknown(prop: str, value: object) -> None:
    """As it is to the lake, which keeps it apart."""
    read = reader(DECLARED[prop], NEEDS[NAME][prop])
    assert read(value) is None
    assert not columns.fits(value, DECLARED[prop])
