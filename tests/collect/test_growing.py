"""Facts that grow, and the law that parts in any order are the whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.language.events import Event
from coterie.storage.log import Appended
from tests.collect.shop import HEADER, LINE, Shop, orders

Row = tuple[int, str, int, int]


@st.composite
def parts(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Order lines, and parts that cover them; equal lines stay together."""
    distinct = draw(
        st.lists(
            st.tuples(st.integers(1, 4), st.sampled_from(["pen", "ink"]), st.integers(-2, 3)),
            min_size=1, max_size=12, unique=True,
        )
    )  # fmt: skip
    rows: list[list[str]] = []
    for order, product, quantity in distinct:
        days = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
        person = "" if order == 4 else f"person{order % 2}"
        rows.append([
            f"{order},{person},2023-05-0{day},{product},{quantity},1.50,UK\n" for day in days
        ])  # fmt: skip
    chosen = draw(st.lists(st.sets(st.integers(0, len(rows) - 1)), min_size=1, max_size=4))
    rest = set(range(len(rows))) - set().union(*chosen)
    covering = draw(st.permutations([*chosen, rest]))
    whole = [line for group in rows for line in group]
    return whole, [[line for i in sorted(part) for line in rows[i]] for part in covering if part]


@given(parts())
@settings(max_examples=15)
def test_parts_in_any_order_with_overlaps_are_the_whole(
    case: tuple[list[str], list[list[str]]],
) -> None:
    """The facts that hold are those of one import of everything; doing it again adds nothing."""
    whole, pieces = case
    with tempfile.TemporaryDirectory() as folder:
        one, many = Shop(Path(folder) / "one"), Shop(Path(folder) / "many")
        one.text(HEADER + "".join(whole), orders())
        for piece in pieces:
            many.text(HEADER + "".join(piece), orders())
        assert many.content() == one.content()
        for piece in [*pieces, whole]:
            assert many.text(HEADER + "".join(piece), orders()).events.stored == 0
        one.close()
        many.close()


def test_a_grown_order_names_what_it_supersedes(shop: Shop) -> None:
    """Thirds of an invoice make a chain, each link with all lines so far."""
    lines = [LINE, LINE.replace("pen", "ink"), LINE.replace("pen", "nib")]
    for line in lines:
        shop.text(HEADER + line, orders())
    events = shop.events()
    assert [len(event.properties["products"]) for event in events] == [1, 2, 3]
    assert [event.supersedes for event in events] == [
        None, "Order Completed/1", "Order Completed/1/2",
    ]  # fmt: skip
    assert events[2].properties["revenue"] == 9


def test_repeated_lines_of_one_file_stay_two(shop: Shop) -> None:
    """Twice the same line is twice the product; importing it again adds nothing."""
    summary = shop.text(HEADER + LINE + LINE, orders())
    assert summary.n_repeated == 1
    assert shop.events()[0].properties["revenue"] == 6
    assert shop.text(HEADER + LINE, orders()).events.duplicate == 1


def test_repeated_events_without_an_order_stay_two(shop: Shop) -> None:
    """An ordinal tells equal facts of one file apart, and no other file's."""
    page = "user,event,timestamp,url\nann,Page Viewed,2023-05-01T10:00:00Z,/a\n"
    again = page + "ann,Page Viewed,2023-05-01T10:00:00Z,/a\n"
    assert shop.text(page).events.stored == 1
    assert shop.text(again).events.stored == 1
    assert shop.text(again).events.stored == 0


def test_an_order_of_two_people_is_one_fact_for_each(shop: Shop) -> None:
    """Nobody's lines are counted for somebody else, in whichever file they come."""
    bob = LINE.replace("ann", "bob").replace("pen", "ink")
    shop.text(HEADER + LINE + bob, orders())
    assert {event.user_id for event in shop.facts()} == {shop.person("ann"), shop.person("bob")}
    for text in (LINE, bob, bob + LINE):
        assert shop.text(HEADER + text, orders()).events.stored == 0


def test_a_line_without_a_person_joins_its_order(shop: Shop) -> None:
    """As in exports that name the customer on the first line only."""
    shop.text(HEADER + LINE.replace("ann", "").replace("pen", "ink"), orders())
    shop.text(HEADER + LINE, orders())
    (order,) = shop.facts()
    assert order.user_id == shop.person("ann")
    assert len(order.properties["products"]) == 2


class Dying:
    """A log that dies after some batches."""

    def __init__(self, shop: Shop, batches: int) -> None:
        self.shop, self.left = shop, batches
        self.event = shop.log.event

    def append_events(self, events: Sequence[Event]) -> Appended:
        if not self.left:
            raise StoreError("no room")
        self.left -= 1
        return self.shop.log.append_events(events)


def test_an_import_that_died_is_finished_by_running_it_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was stored before stays whole; the rest is added, nothing twice."""
    monkeypatch.setattr("coterie.collect.storing.BATCH", 2)
    text = HEADER + "".join(f"{i}{LINE[1:]}" for i in range(1, 10))
    log = shop.importer.log
    monkeypatch.setattr(shop.importer, "log", Dying(shop, 2))
    with pytest.raises(StoreError):
        shop.text(text, orders())
    assert 0 < len(shop.events()) < 9
    monkeypatch.setattr(shop.importer, "log", log)
    shop.text(text, orders())
    assert len(shop.events()) == len(shop.facts()) == 9
