"""The UCI file, by inference alone: every line accounted for, in any spelling, in any parts."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from coterie.collect.mapping import load_mapping
from coterie.collect.summary import Summary
from coterie.language.time import iso
from tests.collect.shop import Shop

pytestmark = [pytest.mark.data, pytest.mark.xdist_group("tutorial")]  # imported once
CUT = 60_007
"""A line in the middle of an invoice."""

EXAMPLE = Path(__file__).parents[2] / "examples/online_retail/orders.toml"


@pytest.fixture(scope="module")
def retail(shared_data: Path) -> Path:
    return shared_data / "uci_online_retail" / "online_retail.csv.gz"


@pytest.fixture(scope="module")
def lines(retail: Path) -> list[str]:
    with gzip.open(retail, "rt", encoding="utf-8") as file:
        return file.read().splitlines(keepends=True)


@pytest.fixture(scope="module")
def whole(
    followed: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shop, Summary]]:
    """The stores after the import that the tutorial's reader typed, and its summary."""
    folder = tmp_path_factory.mktemp("whole") / "shop"
    shutil.copytree(followed / "retail", folder)
    shop = Shop.of(folder)
    (done,) = shop.ledger.imports()
    yield shop, msgspec.convert(done.counts, Summary)
    shop.close()


def test_the_summary_reproduces_the_known_counts(whole: tuple[Shop, Summary]) -> None:
    """In lines, invoices, people, stock codes, and money to the last digit."""
    _, summary = whole
    assert (summary.n_read, summary.n_accepted, summary.n_quarantined) == (541_909, 541_909, 0)
    assert (summary.n_facts, summary.n_people, summary.n_items) == (25_900, 4_372, 4_070)
    assert (summary.n_anonymous, summary.n_repeated) == (135_080, 5_268)
    assert summary.sums["revenue"] == Decimal("9747747.934")
    assert summary.sums_anonymous["revenue"] == Decimal("1447682.12")
    assert summary.rows["Order Refunded"] == 9_288
    assert summary.negative["quantity"] == 10_624


def test_every_invoice_is_one_event_by_what_it_is(whole: tuple[Shop, Summary]) -> None:
    """Cancellations are refunds; bad debt and stock taking adjust."""
    shop, summary = whole
    assert summary.facts == {
        "Order Completed": 20_725, "Order Refunded": 3_836, "Order Adjusted": 1_339,
    }  # fmt: skip
    revenue = sum(Decimal(event.properties["revenue"]) for event in shop.events())
    assert revenue == Decimal("9747747.934")


def test_4339_customers_have_an_invoice_that_is_no_cancellation(
    whole: tuple[Shop, Summary],
) -> None:
    """The number from which the recipes' figures start."""
    completed = (e.user_id for e in whole[0].events() if e.name == "Order Completed")
    assert len({user for user in completed if user is not None}) == 4_339


def test_what_a_part_says_is_known_already(
    whole: tuple[Shop, Summary], lines: list[str], tmp_path: Path
) -> None:
    """A part that starts and ends within an invoice adds nothing to the whole."""
    shop, _ = whole
    part = tmp_path / "part.csv"
    part.write_text("".join([lines[0], *lines[CUT : CUT + 20_000]]), "utf-8")
    summary = shop.run(part)
    assert summary.events.stored == 0
    assert summary.events.received == summary.events.duplicate


def test_the_same_facts_under_other_headers_are_known_already(
    whole: tuple[Shop, Summary], lines: list[str], tmp_path: Path
) -> None:
    """Other names, another order of columns, 17850.0 and American dates say nothing new."""
    shop, _ = whole
    other = tmp_path / "online_retail_II.csv"
    with other.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Customer ID", "Price", "Invoice", "Quantity", "StockCode",
                         "Country", "InvoiceDate", "Description"])  # fmt: skip
        for row in csv.DictReader(lines[:30_001]):
            at = datetime.fromisoformat(row["InvoiceDate"])
            writer.writerow([
                row["CustomerID"] and f"{row['CustomerID']}.0", row["UnitPrice"] + "0",
                row["InvoiceNo"], row["Quantity"], row["StockCode"], row["Country"],
                f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02}", row["Description"],
            ])  # fmt: skip
    assert shop.run(other).events.stored == 0


def test_two_halves_in_either_order_are_the_whole(lines: list[str], tmp_path: Path) -> None:
    """An invoice cut in two grows, and importing a half again adds nothing."""
    head, body = lines[0], lines[CUT - 3000 : CUT + 3000]
    files = {"all": body, "early": body[:3100], "late": body[2900:]}
    for name, rows in files.items():
        (tmp_path / f"{name}.csv").write_text("".join([head, *rows]), "utf-8")
    contents = []
    for order in (["all"], ["early", "late"], ["late", "early", "late", "all"]):
        shop = Shop(tmp_path / "-".join(order))
        summaries = [shop.run(tmp_path / f"{name}.csv") for name in order]
        contents.append(shop.content())
        if len(order) > 1:
            assert summaries[1].n_grown > 0
            assert all(summary.events.stored == 0 for summary in summaries[2:])
        shop.close()
    assert contents[0] == contents[1] == contents[2]


def test_the_order_takes_the_first_instant_of_its_lines(whole: tuple[Shop, Summary]) -> None:
    """43 invoices span two minutes; 536591 is one of them."""
    (order,) = [e for e in whole[0].events() if e.properties["order_id"] == "536591"]
    assert iso(order.occurred_at) == "2010-12-01T16:57:00Z"


def test_the_shipped_mapping_is_what_inference_finds(followed: Path) -> None:
    """The example adds only what a file cannot say: the currency and that an id is required."""
    inferred, shipped = load_mapping(followed / "retail/orders.toml"), load_mapping(EXAMPLE)
    assert inferred.event == shipped.event
    assert inferred.person == shipped.person
    assert inferred.instant == shipped.instant
    assert inferred.order is not None
    assert shipped.order is not None
    assert inferred.order.lines == shipped.order.lines
    assert {n: f.column for n, f in inferred.order.fields.items()} == {
        n: f.column for n, f in shipped.order.fields.items()
    }
