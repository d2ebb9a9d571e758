"""The quarantine: rows are listed, exported, mended and replayed, and leave when they pass."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from coterie.collect.mapping import Lookup, replaced
from coterie.collect.rows import Edit
from coterie.errors import MappingError, StoreError
from coterie.language.time import DAY, iso
from coterie.storage.balance import balance
from tests.collect.shop import HEADER, LINE, NOW, Shop, orders

BAD = HEADER + LINE + LINE.replace("pen", "ink").replace("1.50", "NaN")


def edited(path: Path, **cells: str) -> Path:
    """The exported file with these cells in every row."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row | cells for row in reader]
        names = reader.fieldnames or []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_refused_row_is_listed_without_its_content(shop: Shop) -> None:
    """File, row number, reason, path and type; the row itself is sealed."""
    shop.text(BAD, orders())
    (row,) = shop.quarantine.list()
    assert (row.file, row.row, row.reason) == ("file.csv", 3, "not_a_number")
    assert row.detail == "order.fields.price: a number"
    assert row.person == shop.person("ann")
    assert b"ink" not in row.sealed


def test_an_export_is_for_its_owner_only_and_holds_the_row(shop: Shop) -> None:
    """With its own columns beside the reason."""
    shop.text(BAD, orders())
    path = shop.folder / "bad.csv"
    assert shop.quarantine.export(path) == 1
    assert path.stat().st_mode & 0o077 == 0
    (row,) = csv.DictReader(path.read_text("utf-8").splitlines())
    assert (row["_row"], row["product"], row["price"]) == ("3", "ink", "NaN")


def test_a_mended_row_grows_the_order_that_it_belongs_to(shop: Shop) -> None:
    """It leaves the quarantine, and everything received still has one fate."""
    shop.text(BAD, orders())
    path = shop.folder / "bad.csv"
    shop.quarantine.export(path)
    outcome = shop.quarantine.replay(shop.importer, now=NOW, mended=edited(path, price="2.00"))
    assert (outcome.n_replayed, outcome.n_refused) == (1, 0)
    assert not shop.quarantine.list()
    (order,) = shop.facts()
    assert order.properties["revenue"] == 7
    assert balance(shop.log, shop.ledger).holds


def test_a_row_mended_wrongly_stays_with_its_new_reason(shop: Shop) -> None:
    """One row, once."""
    shop.text(BAD, orders())
    path = shop.folder / "bad.csv"
    shop.quarantine.export(path)
    outcome = shop.quarantine.replay(shop.importer, now=NOW, mended=edited(path, price="1.234"))
    assert outcome.n_refused == 1
    assert [row.reason for row in shop.quarantine.list()] == ["too_precise"]
    assert [row.row for row in shop.quarantine.list()] == [3]
    assert balance(shop.log, shop.ledger).holds


def test_rows_that_were_too_early_pass_when_their_time_has_come(shop: Shop) -> None:
    """A replay without an edited file takes the rows as they are."""
    shop.text(HEADER + "2" + LINE[1:] + LINE.replace("2023-05-01", iso(NOW + 3 * DAY)), orders())
    assert shop.quarantine.replay(shop.importer, now=NOW).n_refused == 1
    assert shop.quarantine.replay(shop.importer, now=NOW + 3 * DAY).n_refused == 0
    assert len(shop.facts()) == 2
    assert balance(shop.log, shop.ledger).holds


def test_a_row_that_could_not_be_split_is_filled_in(shop: Shop) -> None:
    """Its text stands beside empty cells."""
    shop.text(HEADER + LINE + '2,"bob,2023-05-01,pen,2,1.50,UK\n', orders())
    path = shop.folder / "bad.csv"
    shop.quarantine.export(path)
    assert '""bob' in path.read_text("utf-8")
    cells = {"order": "2", "customer": "bob", "date": "2023-05-01", "product": "pen"}
    mended = edited(path, **cells, quantity="2", price="1.50")
    assert shop.quarantine.replay(shop.importer, now=NOW, mended=mended).n_refused == 0
    assert shop.person("bob") in {event.user_id for event in shop.facts()}


def test_a_second_file_that_was_mended_lets_its_rows_pass(shop: Shop) -> None:
    """Rows are looked up again at their replay."""
    mapping = replaced(
        orders(), lookups={"shelf": Lookup(file="shelf.csv", column="product", key="sku")}
    )
    shop.file("sku,aisle\npen,1\n", "shelf.csv")
    summary = shop.text(HEADER + LINE + LINE.replace("pen", "ink"), mapping)
    assert summary.reasons == {"no_match": 1}
    shop.file("sku,aisle\npen,1\nink,2\n", "shelf.csv")
    assert shop.quarantine.replay(shop.importer, now=NOW).n_refused == 0


def test_one_row_is_shown_and_mended_by_its_id(shop: Shop) -> None:
    """Without a file; the others stay."""
    shop.text(BAD + LINE.replace("1.50", "inf"), orders())
    wanted, other = shop.quarantine.list()
    found, opened = shop.quarantine.show(wanted.id)
    assert (found.row, opened.cells["product"], opened.cells["price"]) == (3, "ink", "NaN")
    edit = Edit(opened.cells | {"price": "2.00"})
    outcome = shop.quarantine.replay(shop.importer, now=NOW, mended={wanted.id: edit})
    assert (outcome.n_replayed, outcome.n_refused) == (1, 0)
    assert [row.id for row in shop.quarantine.list()] == [other.id]
    with pytest.raises(StoreError, match="no row in quarantine"):
        shop.quarantine.show(wanted.id)
    with pytest.raises(StoreError, match="no row in quarantine"):
        shop.quarantine.replay(shop.importer, now=NOW, mended={wanted.id: edit})


def test_a_row_that_could_not_be_split_is_shown_with_the_columns_it_needs(shop: Shop) -> None:
    """Beside its text."""
    shop.text(HEADER + LINE + '2,"bob,2023-05-01,pen,2,1.50,UK\n', orders())
    (row,) = shop.quarantine.list()
    _, opened = shop.quarantine.show(row.id)
    assert "bob" in opened.raw
    assert {"order", "customer", "price"} <= set(opened.cells)
    assert not any(opened.cells.values())


def test_an_edited_file_of_other_rows_is_refused(shop: Shop) -> None:
    """Nothing is replayed then."""
    path = shop.file("_id,price\nnone,1\n", "bad.csv")
    with pytest.raises(MappingError, match="not in quarantine"):
        shop.quarantine.replay(shop.importer, now=NOW, mended=path)
    with pytest.raises(MappingError, match="_id"):
        shop.quarantine.replay(shop.importer, now=NOW, mended=shop.file("price\n1\n", "bad.csv"))
