"""A property's values survive their way through a typed column and a scan."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.storage.columns import array, physical
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import made, scanned

_UNITS = st.integers(-(2**40), 2**40)


def kept(folder: Path, declared: Property, values: list[Any], name: str = "p") -> list[Any]:
    """The values after log, lake and scan."""
    plan = TrackingPlan(events={"E": PlannedEvent(properties={name: declared})})
    with Log(folder / "log.db") as log:
        lake = Lake(folder / "lake")
        log.append_events(
            [made(str(i), "E", user_id="u", properties={name: v}) for i, v in enumerate(values)]
        )
        lake.flush(log, plan)
        return scanned(lake, "E", {name: declared.kind})[name].to_pylist()


@given(st.integers(0, 6), st.lists(_UNITS, min_size=1, max_size=20))
def test_decimals_of_every_scale_come_back_to_the_last_unit(
    tmp_path_factory: pytest.TempPathFactory, scale: int, units: list[int]
) -> None:
    """Up to 2^40 units and both ends of it, nothing is rounded and nothing overflows."""
    units = [*units, 2**40, -(2**40)]
    values = [Decimal(n).scaleb(-scale) for n in units]
    declared = Property(type="decimal", scale=scale)
    assert kept(tmp_path_factory.mktemp("d"), declared, values) == units


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        (Property(type="integer"), [1, None, -(2**62)], [1, None, -(2**62)]),
        (Property(type="real"), [1, Decimal("0.1"), None], [1.0, 0.1, None]),
        (Property(type="text"), ["", "é😀\n", None], ["", "é😀\n", None]),
        (Property(type="boolean"), [True, False, None], [True, False, None]),
        (
            Property(type="instant"),
            [-1, "1970-01-01T01:00:00.000001+01:00", None],
            [-1, 1, None],
        ),
    ],
)
def test_each_type_comes_back(
    tmp_path: Path, declared: Property, values: list[Any], expected: list[Any]
) -> None:
    """Nulls stay null, empty text stays empty."""
    assert kept(tmp_path, declared, values) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "jane@shop.example"),
        ("integer", True),
        ("integer", Decimal("1.5")),
        ("decimal", Decimal("1.0000001")),
        ("decimal", Decimal(2**40)),
        ("decimal", "1.5"),
        ("real", "jane@shop.example"),
        ("text", 5),
        ("text", ["jane@shop.example"]),
        ("boolean", 1),
        ("instant", "jane@shop.example"),
        ("instant", "2020-01-01T00:00:00"),
    ],
)
def test_a_value_that_does_not_fit_is_named_by_its_path_only(
    tmp_path: Path, kind: Any, value: Any
) -> None:
    """The error says event and property, and never the value; in the lake it is kept apart."""
    declared = Property(type=kind, scale=6 if kind == "decimal" else 0)
    with pytest.raises(StoreError) as caught:
        array([value], declared, "E.p")
    assert caught.value.where == "E.p"
    assert "jane" not in str(caught.value)
    assert kept(tmp_path, declared, [value]) == [None]


@pytest.mark.parametrize(
    "name",
    [
        "unit price",
        "a,b;{c}(d)=e\tf\ng",
        "100%",
        "ü.ñ",
        "x:y~z",
        '"q"',
        "it's",
        "`b`",
        "\\",
        "日本 😀",
    ],
)
def test_any_property_name_works(tmp_path: Path, name: str) -> None:
    """Spaces, punctuation and every script."""
    assert kept(tmp_path, Property(type="text"), ["v"], name) == ["v"]


@given(st.lists(st.text(min_size=1, max_size=4), unique=True, min_size=2, max_size=2))
def test_two_properties_never_share_a_column(names: list[str]) -> None:
    """Also for readers that compare names without case."""
    first, second = (physical(name, "text").casefold() for name in names)
    assert first != second
