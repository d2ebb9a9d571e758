"""Inference: what headers say and what values could be, said where it was a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.collect.dates import Dates
from coterie.collect.draft import draft
from coterie.collect.infer import infer
from coterie.collect.mapping import Mapping, load_mapping, loads
from coterie.errors import MappingError
from coterie.language.time import iso
from tests.collect.shop import HEADER, LINE, ORDERS, Shop


def formats(*values: str) -> tuple[tuple[str, ...], list[str]]:
    """What is decided about a column of these values."""
    dates = Dates()
    for value in values:
        dates.add(value, 1)
    return dates.decided()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["01/01/2017", "9/21/2001"], ("%m/%d/%Y",)),
        (["01/02/2017", "21/9/2001"], ("%d/%m/%Y",)),
        (["12/1/2010 8:26"] * 2 + ["12/13/2010 18:06"], ("%m/%d/%Y %H:%M",)),
        (["2010-12-01 08:26:00", "2010-12-01T08:26:00Z"], ("iso",)),
        (["1.2.2010", "2.3.2010"], ("%d.%m.%Y",)),
        (["2010/12/1 8:26 PM"], ("%Y/%m/%d %I:%M %p",)),
        (["01-Dec-2010", "13-Jan-2011"], ("%d-%b-%Y",)),
        (["December 1, 2010"], ("%B %d, %Y",)),
        (["1291191960", "1291191961"], ("epoch_s",)),
        (["1291191960000"], ("epoch_ms",)),
    ],
)
def test_a_format_is_decided_over_the_whole_column(
    values: list[str], expected: tuple[str, ...]
) -> None:
    """One day above 12 anywhere decides for all."""
    assert formats(*values)[0] == expected


def test_three_formats_of_one_column_are_all_read(shop: Shop) -> None:
    """Each by its own shape."""
    dates = ["2023-05-01", "5/13/2023", "13 May 2023"]
    rows = [
        LINE.replace("2023-05-01", date).replace("1", str(i), 1) for i, date in enumerate(dates)
    ]
    shop.text(HEADER + "".join(rows))
    found = sorted(iso(event.occurred_at)[:10] for event in shop.facts())
    assert found == ["2023-05-01", "2023-05-13", "2023-05-13"]


def test_what_nothing_decides_is_said() -> None:
    """Month first with slashes, day first with dots, and a note."""
    found, (note,) = formats("01/02/2017", "03/04/2017")
    assert found == ("%m/%d/%Y",)
    assert "nothing tells day from month" in note


def test_dates_that_contradict_each_other_are_said() -> None:
    """The fewer go to quarantine."""
    found, (note,) = formats("13/02/2017", "14/02/2017", "02/13/2017")
    assert found == ("%d/%m/%Y",)
    assert note.startswith("1 dates")


def test_the_zone_is_stated(shop: Shop) -> None:
    """UTC unless it is given; a clock of London in summer is an hour ahead."""
    path = shop.file(HEADER + LINE.replace("2023-05-01", "2023-05-01 10:00"))
    assert "read as UTC" in "".join(infer(path).notes)
    shop.run(path, mapping=infer(path, zone="Europe/London"))
    assert iso(shop.facts()[0].occurred_at) == "2023-05-01T09:00:00Z"


def test_a_mapping_survives_its_file(shop: Shop) -> None:
    """What is shown can be saved and is read back equal, but for the notes."""
    mapping = infer(shop.file(HEADER + LINE))
    path = shop.folder / "map.toml"
    path.write_text(mapping.to_toml(), "utf-8")
    assert load_mapping(path).to_toml() == mapping.to_toml().partition("\n\n")[2]


def test_money_and_decimal_commas_are_read(shop: Shop) -> None:
    """With the smallest scale that loses nothing."""
    text = "customer;income;rate;limit\nann;$90,000 ;1,5;1.000,25\nbob;$1,000;12,25;20,00\n"
    fields = infer(shop.file(text)).properties
    assert (fields["income"].type, fields["income"].unit) == ("integer", "USD")
    assert (fields["rate"].type, fields["rate"].scale, fields["rate"].decimal) == (
        "decimal", 2, ",",
    )  # fmt: skip
    shop.text(text)
    (ann,) = [event for event in shop.facts() if event.user_id == shop.person("ann")]
    assert ann.properties["income"] == 90_000
    assert str(ann.properties["limit"]) == "1000.25"


def test_identifiers_are_text_whatever_they_look_like(shop: Shop) -> None:
    """Leading zeros stay, and what a spreadsheet made of an id goes."""
    text = "customer_id,branch_id,pin,score\n17850.0,7,0042,3\n17851.0,8,0043,4\n"
    mapping = infer(shop.file(text))
    assert mapping.person.whole
    assert [mapping.properties[name].type for name in ("branch_id", "pin", "score")] == [
        "text", "text", "integer",
    ]  # fmt: skip
    shop.text(text)
    assert {event.user_id for event in shop.facts()} == {
        shop.person("17850"), shop.person("17851"),
    }  # fmt: skip


def test_addresses_and_names_are_classed(shop: Shop) -> None:
    """By their header, or by what they hold; they are stored as pseudonyms."""
    text = "customer,FirstName,E-Mail,reach,ssn,team\nann,Ann,a@b.example,a@b.example,1-2,red\n"
    mapping = infer(shop.file(text))
    assert {name: field.pii for name, field in mapping.properties.items()} == {
        "first_name": "contact", "e_mail": "contact", "reach": "contact",
        "ssn": "identifier", "team": "none",
    }  # fmt: skip
    shop.text(text)
    stored = b"".join(entry.payload for entry in shop.log.read(0, 99))
    assert b"red" in stored
    assert not any(word in stored for word in (b"Ann", b"example", b"1-2"))


def test_a_table_of_neither_instants_nor_people_is_refused(shop: Shop) -> None:
    """It says what is missing."""
    with pytest.raises(MappingError, match="none is a person"):
        infer(shop.file("a,b\n1,2\n"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[person]", "[persons]", "did you mean 'person'?"),
        ('column = "date"', 'column = "date"\nzone = "Mars/Olympus"', "time zone"),
        ('key = "order_id"', 'key = "orderid"', "did you mean 'order_id'?"),
        ('price = "price"\n', "", "go together"),
        ("scale = 2", 'scale = "2"', "unknown"),
        ('source = "orders"', "source = orders", "not TOML"),
        ('name = "Order Completed"', "", "need a name"),
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(old: str, new: str, said: str) -> None:
    """With the place and the nearest right word."""
    with pytest.raises(MappingError) as caught:
        loads(ORDERS.replace(old, new, 1))
    assert said in str(caught.value)


def test_the_draft_plan_covers_what_is_imported(shop: Shop) -> None:
    """Scales, units, lines and what they inherit; definitions are checked against it."""
    shop.text(HEADER + LINE)
    plan = shop.plans.load()
    order, line = plan.events["Order Completed"], plan.events["Product Purchased"]
    assert str(plan.kind("Order Completed", "revenue")) == "decimal(1)"
    assert order.explode == {"products": "Product Purchased"}
    assert set(line.properties) == {
        "order_id", "name", "quantity", "price", "revenue", "kind",
    }  # fmt: skip


def test_the_shipped_maps_give_a_valid_plan() -> None:
    """Both examples, together."""
    for path in sorted((Path(__file__).parents[2] / "examples").glob("*/*.toml")):
        if path.name in ("orders.toml", "customers.toml"):
            mapping: Mapping = load_mapping(path)
            draft(mapping).validate()


def test_a_column_named_for_a_number_is_one_though_some_values_are_none(tmp_path: Path) -> None:
    """They go to quarantine, which a note says, and the other rows keep their revenue."""
    path = tmp_path / "orders.csv"
    totals = "\n".join(f"{i},ann,2023-05-01,{v}" for i, v in enumerate(["1", "2.50", "NaN", "4"]))
    path.write_text(f"order_id,customer_id,order_date,total\n{totals}\n")
    mapping = infer(path)
    assert mapping.properties["revenue"].type == "decimal"
    assert "total: no number in 1 row: quarantine" in mapping.notes


def test_a_column_that_is_mostly_numbers_says_why_it_is_text(tmp_path: Path) -> None:
    """One of many kinds is kept as it is, and a note counts what stands in the way."""
    path = tmp_path / "people.csv"
    path.write_text("customer_id,height\nann,170\nbob,181\ncarl,tall\n")
    mapping = infer(path)
    assert mapping.properties["height"].type == "text"
    assert "height: no number in 1 row, so all of it is taken as text" in mapping.notes
