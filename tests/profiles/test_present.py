"""A page of people: those of the last answer, and between them whoever came since."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.language.types import Boolean, Integer, Type
from coterie.profiles import everybody as module
from coterie.profiles import state
from coterie.profiles.everybody import Everybody
from coterie.profiles.present import Wanted, page
from coterie.storage.lake import Lake
from coterie.storage.ledger import Run

KINDS: dict[str, Type] = {"vip": Boolean(), "may": Boolean(), "orders": Integer()}
PEOPLE = {
    "a1": (True, True, 3), "a2": (True, False, 9), "b1": (None, True, 1), "b2": (True, True, None),
    "c1": (True, True, 3), "c2": (False, True, 7), "d1": (True, None, 2), "d2": (True, True, None),
}  # fmt: skip
INSIDE = ["a1", "b2", "c1", "d2"]
RUN = Run(offset=5, clock=0, definitions_hash="", committed_at=0, counts={})


def everybody(folder: Path, most: int = 10**6) -> Everybody:
    lake = Lake(folder)
    columns = [list(PEOPLE), *zip(*PEOPLE.values(), strict=True)]
    types = [pa.string(), pa.bool_(), pa.bool_(), pa.int64()]
    arrays = [pa.array(list(values), kind) for values, kind in zip(columns, types, strict=True)]
    state.write_state(lake, RUN.offset, pa.table(arrays, names=["profile", *KINDS]))
    return Everybody(lake, RUN, KINDS.__getitem__, most)


def moved(**changes: str) -> pa.Table:
    text = pa.array([], pa.string()).type
    return pa.table({
        "profile": pa.array([*changes], text), "change": pa.array([*changes.values()], text),
    })  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Everybody:
    return everybody(tmp_path_factory.mktemp("lake"))


def shown(known: Everybody, changes: pa.Table, **more: object) -> list[str]:
    wanted = Wanted("vip", "", "may", ("orders",), **more)  # type: ignore[arg-type]
    found: list[str] = page(known, changes, wanted).rows["profile"].to_pylist()
    return found


def test_audience_is_who_may_be_used(known: Everybody) -> None:
    """Unknown is no, in the segment as in the permission."""
    assert shown(known, moved()) == INSIDE
    assert shown(known, moved(), everyone=True) == ["a1", "a2", "b2", "c1", "d1", "d2"]
    found = page(known, moved(), Wanted("vip", "", "may"))
    assert (found.holds, found.audience, found.found) == (6, 4, 4)


def test_who_came_and_left_since_counts(known: Everybody) -> None:
    """Somebody new has no values, and stands where their pseudonym does."""
    since = moved(b1="entered", a1="exited", bb="entered", zz="exited")
    assert shown(known, since) == ["b1", "b2", "bb", "c1", "d2"]
    rows = page(known, since, Wanted("vip", "", "may", ("orders",))).rows.to_pylist()
    assert rows[2] == {"profile": "bb", "may": True, "orders": None}


@pytest.mark.parametrize(
    ("descending", "order"),
    [(False, ["b1", "a1", "c1", "a0", "b2", "d2"]), (True, ["a1", "c1", "b1", "a0", "b2", "d2"])],
)
def test_unknown_values_come_last(
    known: Everybody, descending: bool, order: list[str]
) -> None:  # fmt: skip
    """Equal ones by pseudonym, whoever is new among those whose value is unknown."""
    since = moved(b1="entered", a0="entered")
    assert shown(known, since, sort="orders", descending=descending) == order


@pytest.mark.parametrize("few", [0, 300])
def test_people_are_looked_for(
    known: Everybody, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:  # fmt: skip
    """By the beginning of a pseudonym or by ids, many of them or few; new people as well."""
    monkeypatch.setattr(module, "FEW", few)
    since = moved(bb="entered")
    assert shown(known, since, begins="b") == ["b2", "bb"]
    assert shown(known, since, ids=("c1", "bb", "a2", "none")) == ["bb", "c1"]


@given(st.sets(st.text("abcd012", min_size=1, max_size=3)), st.integers(1, 5))
def test_pages_are_the_whole_list_cut(known: Everybody, new: set[str], n: int) -> None:
    """Whoever is new, and however long a page is."""
    since = moved(**dict.fromkeys(sorted(new - PEOPLE.keys()), "entered"))
    whole = sorted([*INSIDE, *(new - PEOPLE.keys())])
    pages = [shown(known, since, n=n, skipped=start) for start in range(0, len(whole), n)]
    assert [profile for some in pages for profile in some] == whole


def test_columns_are_forgotten_and_read_again(tmp_path: Path) -> None:
    """However little may be kept, the answer is the same."""
    found = everybody(tmp_path, most=1)
    for _ in range(2):
        assert found.column("orders").to_pylist() == [row[2] for row in PEOPLE.values()]
        assert found.inside("vip").tolist() == [row[0] is True for row in PEOPLE.values()]
        assert found.table(["may", "vip"]).column_names == ["profile", "may", "vip"]
