"""Other tables: declared traits, consents, second files, JSON Lines, Parquet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.collect.infer import infer
from coterie.collect.mapping import Consent, load_mapping, replaced
from coterie.collect.summary import Summary
from coterie.language.time import iso
from tests.collect.shop import HEADER, LINE, Shop, orders
from tests.support import retail

EXAMPLES = Path(__file__).parents[2] / "examples"
PEOPLE = "customer_id,plan,city,opt_in\nann,gold,Rome,yes\nbob,,Oslo,no\ncid,red,Bern,\n"


def test_a_table_without_instants_declares_traits_that_hold_at_all_times(shop: Shop) -> None:
    """One identify event a row, at the beginning of time."""
    shop.text(PEOPLE)
    declared = {e.user_id: e for e in shop.facts() if e.name == "identify"}
    assert len(declared) == 3
    ann = declared[shop.person("ann")]
    assert (ann.type, ann.occurred_at) == ("identify", 0)
    assert ann.properties == {"plan": "gold", "city": "Rome"}


def test_a_changed_row_supersedes_and_an_equal_one_adds_nothing(shop: Shop) -> None:
    """What became empty is gone, and what the table no longer speaks of stays."""
    shop.text(PEOPLE)
    assert shop.text(PEOPLE).events.stored == 0
    assert shop.text(PEOPLE.replace("gold,Rome", ",Milan")).n_grown == 1
    assert shop.text("customer_id,plan\nann,blue\n").n_grown == 1
    (ann,) = [e for e in shop.facts() if e.user_id == shop.person("ann") and e.type == "identify"]
    assert ann.properties == {"plan": "blue", "city": "Milan"}


def test_of_two_rows_for_one_person_the_last_counts(shop: Shop) -> None:
    """The other is in quarantine, not lost."""
    mapping = infer(shop.file(PEOPLE))
    summary = shop.text(PEOPLE + "ann,silver,Rome,yes\n", mapping)
    assert summary.reasons == {"redeclared": 1}
    assert "silver" in {e.properties.get("plan") for e in shop.facts()}


def test_a_consent_column_becomes_consents(shop: Shop) -> None:
    """Yes and no hold from always in a table without instants; empty says nothing."""
    shop.text(PEOPLE)
    consents = [e for e in shop.facts() if e.name == "Consent Updated"]
    assert {(e.user_id, e.occurred_at, e.properties["granted"]) for e in consents} == {
        (shop.person("ann"), 0, True), (shop.person("bob"), 0, False),
    }  # fmt: skip
    assert shop.text(PEOPLE).events.stored == 0


def test_a_consent_may_hold_since_a_date_of_its_own(shop: Shop) -> None:
    """With the notice that was shown."""
    consent = Consent(purpose="marketing", column="since", notice="v2", formats=("iso",))
    mapping = replaced(orders(), consents=(consent,))
    text = HEADER[:-1] + ",since\n" + LINE[:-1] + ",2023-04-01\n" + "2" + LINE[1:-1] + ",\n"
    shop.text(text, mapping)
    (found,) = [e for e in shop.facts() if e.name == "Consent Updated"]
    assert iso(found.occurred_at) == "2023-04-01T00:00:00Z"
    assert found.properties == {"purpose": "marketing", "granted": True, "notice": "v2"}


def test_json_lines_in_segments_shape(shop: Shop) -> None:
    """Names, ids and nested properties; the same message twice is once."""
    call = {
        "messageId": "m1", "event": "Product Viewed", "timestamp": "2023-05-01T10:00:00.5Z",
        "userId": "ann", "anonymousId": "d1", "properties": {"price": 1.10, "sale": True},
    }  # fmt: skip
    other = call | {"messageId": "m2", "properties": {"price": 2, "sale": False}}
    lines = [json.dumps(call), json.dumps(other), json.dumps(call), '{"messageId": ', "[1]"]
    summary = shop.text("\n".join(lines), infer(shop.file("\n".join(lines))))
    assert (summary.events.stored, summary.events.duplicate) == (2, 1)
    assert summary.reasons == {"broken_json": 2}
    first = shop.events()[0]
    assert (first.message_id, first.name) == ("m1", "Product Viewed")
    assert first.user_id == shop.person("ann")
    assert first.properties == {"price": Decimal("1.1"), "sale": True}


def test_an_id_with_another_content_is_a_conflict(shop: Shop) -> None:
    """The first is kept; the other waits in quarantine."""
    call = {"messageId": "m", "event": "Seen", "timestamp": "2023-05-01", "userId": "a", "n": 1}
    text = json.dumps(call) + "\n" + json.dumps(call | {"n": 2})
    summary = shop.text(text, infer(shop.file(text)))
    assert summary.reasons == {"conflict": 1}
    assert shop.events()[0].properties == {"n": 1}


def test_a_parquet_file_says_what_the_csv_file_says(shop: Shop) -> None:
    """Typed columns, floats for ids included, are the same facts."""
    path = shop.folder / "orders.parquet"
    table = pa.table({
        "order": ["1"], "customer": ["ann"], "product": ["pen"], "quantity": [2.0],
        "price": pa.array([Decimal("1.50")], pa.decimal128(9, 2)), "country": ["UK"],
        "date": pa.array([1_682_899_200_000_000], pa.timestamp("us", "UTC")),
    })  # fmt: skip
    pq.write_table(table, path)
    shop.text(HEADER + LINE, orders())
    assert shop.run(path, mapping=orders()).events.duplicate == 1
    assert infer(path).event == infer(shop.file(HEADER + LINE)).event


def test_progress_is_told_to_its_end(shop: Shop) -> None:
    """Rows done and rows in all."""
    told: list[tuple[int, int | None]] = []
    shop.text(HEADER + LINE, orders(), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1, 1)


@pytest.fixture(scope="module")
def adventureworks(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shop, dict[str, Summary]]]:
    """The stores of the example's project, its tables imported, and the summary of each source."""
    folder = tmp_path_factory.mktemp("adventureworks") / "shop"
    shutil.copytree(retail.adventureworks(shared_data, tmp_path_factory), folder)
    shop = Shop.of(folder)
    summaries = [msgspec.convert(done.counts, Summary) for done in shop.ledger.imports()]
    yield shop, {each.source: each for each in summaries}
    shop.close()


@pytest.mark.data
def test_adventureworks_joins_prices_out_of_the_product_file(
    adventureworks: tuple[Shop, dict[str, Summary]], shared_data: Path
) -> None:
    """56,046 lines, 25,162 order numbers (two of two people), 17,411 buyers, the revenue."""
    shop, summaries = adventureworks
    summary = summaries["orders"]
    assert (summary.n_accepted, summary.n_facts, summary.n_people) == (56_046, 25_162, 17_411)
    assert summary.events.stored == 25_164
    assert summary.sums["revenue"] == Decimal("24914586.8193")
    files = sorted((shared_data / "adventureworks").glob("*Sales*"))
    mapping = load_mapping(EXAMPLES / "adventureworks/orders.toml")
    assert shop.run(files[1], mapping=mapping).events.stored == 0


@pytest.mark.data
def test_adventureworks_customers_declare_traits(
    adventureworks: tuple[Shop, dict[str, Summary]], shared_data: Path
) -> None:
    """18,148 people, by the shipped map and by inference, with no address left."""
    shop, summaries = adventureworks
    assert summaries["customers"].events.stored == 18_148
    path = shared_data / "adventureworks" / "AdventureWorks_Customers.csv.gz"
    assert infer(path).kind == "traits"
    payloads = b"".join(entry.payload for entry in shop.log.read(0, 20_000))
    assert b"adventure-works.com" not in payloads
    assert b"annual_income" in payloads


def test_a_consent_on_each_line_of_an_order_is_one_consent(shop: Shop) -> None:
    """What is said twice at one instant is one statement; products without a code are items."""
    text = (
        "order_id,customer,date,product,qty,price,optin\n"
        "1,ann,2023-05-01,pen,1,1.50,yes\n1,ann,2023-05-01,ink,1,2.50,yes\n"
    )
    summary = shop.text(text)
    assert [e.name for e in shop.events()].count("Consent Updated") == 1
    assert summary.facts == {"Order Completed": 1, "Consent Updated": 1}
    assert summary.n_items == 2
    assert shop.text(text).events.stored == 0
