"""The newest refusal of each source is found without reading the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.storage import tables as t
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.refusals import Refusal, newest


def refused(number: int, source: str, reason: str, at: int) -> Refused:
    return Refused(
        id=f"r{number}", source=source, file="f", row=number, reason=reason, detail="",
        sealed=b"", at=at,
    )  # fmt: skip


def test_newest_refusal_of_each_source(tmp_path: Path) -> None:
    """Its reason and instant; of several at once, one; nothing for an empty quarantine."""
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert newest(ledger) == {}
        ledger.quarantine([
            refused(1, "web", "type", 5), refused(2, "web", "future", 7),
            refused(3, "shop", "missing", 3), refused(4, "shop", "bound", 3),
        ])  # fmt: skip
        assert newest(ledger) == {"web": Refusal("future", 7), "shop": Refusal("bound", 3)}


WAYS: list[dict[str, str]] = [
    {}, {"source": "web"}, {"reason": "type"}, {"source": "web", "reason": "type"},
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_pages_of_the_quarantine_are_the_list_cut(tmp_path: Path, way: dict[str, str]) -> None:
    """By time, file and row, whatever is asked for; a page beyond the last is empty."""
    with Ledger(tmp_path / "ledger.db") as ledger:
        ledger.quarantine([
            refused(i, ("web", "shop")[i % 2], ("type", "future", "bound")[i % 3], i * 7 % 5)
            for i in range(30)
        ])  # fmt: skip
        whole = ledger.quarantined(source=way.get("source"), reason=way.get("reason"))
        assert whole == sorted(whole, key=lambda row: (row.at, row.file, row.row, row.id))
        assert all(getattr(row, name) == said for row in whole for name, said in way.items())
        source, reason = way.get("source"), way.get("reason")
        pages = [
            ledger.quarantined(source=source, reason=reason, limit=4, skip=start)
            for start in range(0, 32, 4)
        ]
        assert [row for page in pages for row in page] == whole


@pytest.mark.parametrize("way", WAYS)
def test_quarantine_of_before_is_listed_by_an_index(tmp_path: Path, way: dict[str, str]) -> None:
    """A ledger that has none of the orders gets them when it is opened: nothing is sorted."""
    with Ledger(tmp_path / "ledger.db") as ledger, ledger.writing() as db:
        for index in t.ORDERED:
            index.drop(db)
    with Ledger(tmp_path / "ledger.db") as ledger, ledger.writing() as db:
        rules = " AND ".join(f"{name} = 'x'" for name in way) or "true"
        asked = f'SELECT id FROM quarantine WHERE {rules} ORDER BY at, file, "row", id LIMIT 50'
        plan = " ".join(row[3] for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
        assert "USING COVERING INDEX quarantine_" in plan
        assert "TEMP B-TREE" not in plan
