"""The ledger keeps what was decided and refused, and the fates add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.storage.balance import balance
from coterie.storage.ledger import Fit, Import, Ledger, Refused, Run
from coterie.storage.log import Log
from tests.storage.shop import made


def refused(name: str, reason: str = "future", **given: Any) -> Refused:
    values: dict[str, Any] = {"source": "shop", "file": "o.csv", "row": 1, "at": 5} | given
    return Refused(id=name, reason=reason, detail="$.at", sealed=name.encode(), **values)


def test_what_is_kept_comes_back_also_after_a_restart(tmp_path: Path) -> None:
    """Runs, definitions, fits and imports."""
    run = Run(offset=3, clock=9, definitions_hash="h", committed_at=10, counts={"vip": 2})
    fit = Fit(offset=3, at=9, node="n", parameters={"edges": [1, 2]})
    done = Import(id="i", file="o.csv", source="shop", counts={"stored": 1}, at=4)
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert (ledger.last_run(), ledger.definitions()) == (None, None)
        ledger.add_run(run)
        ledger.add_fit(fit)
        ledger.add_import(done)
        assert [ledger.add_definitions(d, 1, "{}") for d in ("h", "h2", "h")] == [1, 2, 1]
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert (ledger.runs(), ledger.last_run()) == ([run], run)
        assert (ledger.fits(), ledger.fits("other")) == ([fit], [])
        assert ledger.imports() == [done]
        newest, first = ledger.definitions(), ledger.definitions("h")
        assert newest is not None
        assert first is not None
        assert (newest.version, first.version) == (2, 1)


def test_a_repeated_run_takes_the_place_of_the_former(ledger: Ledger) -> None:
    """At the same offset there is one."""
    for clock in (1, 2):
        ledger.add_run(Run(offset=1, clock=clock, definitions_hash="h", committed_at=0, counts={}))
    assert [run.clock for run in ledger.runs()] == [2]


def test_a_row_refused_again_is_kept_once(ledger: Ledger) -> None:
    """And listed by file, reason and source, until it is released."""
    rows = [refused("a"), refused("b", "no_instant", source="crm", row=2)]
    assert ledger.quarantine(rows) == 2
    assert ledger.quarantine([*rows, refused("c", row=3)]) == 1
    assert [row.id for row in ledger.quarantined()] == ["a", "b", "c"]
    assert [row.id for row in ledger.quarantined(reason="future", limit=1)] == ["a"]
    assert ledger.quarantined(source="crm") == rows[1:]
    assert [row.id for row in ledger.quarantined(limit=1, skip=2)] == ["c"]
    assert ledger.refused("b") == rows[1]
    assert ledger.refused("d") is None
    assert ledger.reasons() == {"future": 2, "no_instant": 1}
    assert ledger.release(["a", "a", "unknown"]) == 1
    assert ledger.reasons() == {"future": 1, "no_instant": 1}


def test_erasing_leaves_no_byte_of_a_quarantined_row(ledger: Ledger) -> None:
    """Of the person, and of rows that turn out to be about them."""
    rows = [refused(f"row-{i:03}-{'x' * 3000}", person=f"p{i % 3}") for i in range(60)]
    ledger.quarantine([*rows, refused("unknown-1"), refused("unknown-2")])
    assert ledger.erase({"p1"}, about=lambda row: row.id == "unknown-1") == 21
    files = ledger.path.parent.glob("ledger.db*")
    raw = b"".join(path.read_bytes() for path in files)
    assert (b"row-001" in raw, b"unknown-1" in raw) == (False, False)
    assert (b"row-002" in raw, b"unknown-2" in raw) == (True, True)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """As one that is no database."""
    (tmp_path / "ledger.db").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        Ledger(tmp_path / "ledger.db")


_STEP = st.tuples(
    st.sampled_from(["give", "refuse", "release", "erase"]), st.integers(0, 3), st.integers(0, 1)
)


@given(st.lists(_STEP, max_size=12), st.booleans())
def test_received_is_stored_duplicate_quarantined_or_erased(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], dies: bool
) -> None:
    """After every step, also when a process dies between the log and the ledger."""
    folder = tmp_path_factory.mktemp("balance")
    with Log(folder / "log.db") as log, Ledger(folder / "ledger.db") as ledger:
        for action, n, at in steps:
            if action == "give":
                event = made(f"m{n}", at=at, user_id=f"p{n % 2}")
                if log.append_events([event]).conflicts and not dies:
                    ledger.quarantine([refused(f"m{n} {at}", "conflict", person=f"p{n % 2}")])
            elif action == "refuse":
                ledger.quarantine([refused(f"r{n}", person=f"p{n % 2}")] * 2)
            elif action == "release":
                ledger.release([row.id for row in ledger.quarantined(limit=1)])
            else:
                ledger.erase({f"p{n % 2}"})
                log.erase({f"p{n % 2}"})
            assert balance(log, ledger).holds, balance(log, ledger)
