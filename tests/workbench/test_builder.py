"""The builder: conditions, a count while they are written, a preview, and a file in the end."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from coterie.language import nodes as n
from coterie.language.codec import from_yaml
from coterie.language.data import from_data, to_data
from coterie.language.definitions import Segment
from coterie.language.english import people
from coterie.language.library import Library
from coterie.language.time import iso
from coterie.project.drafting.mistakes import conditions
from coterie.project.drafting.vocabulary import vocabulary
from coterie.project.instants import parse
from tests.server.whole import Process
from tests.strategies import libraries
from tests.workbench.building import AGAIN, KEPT, ODD, plain, tree
from tests.workbench.served import Visit, copied, serving

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.xdist_group("workbench builder")


def built(page: Page) -> None:
    """Two conditions and a group: spent more than 20, and is a champion."""
    page.get_by_role("button", name="Add an event").click()
    page.get_by_label("Event", exact=True).select_option("Order Completed")
    page.get_by_label("What is counted").select_option("sum")
    page.get_by_label("Property").select_option("revenue")
    page.get_by_label("Comparison").select_option("more_than")
    page.get_by_label("Value").fill("20")
    page.get_by_role("button", name="Add a group").click()
    inner = page.locator(".group .group")
    inner.get_by_role("button", name="Add a trait or segment").click()
    inner.get_by_label("Trait or segment").select_option("champions")


def test_segment_is_built_previewed_and_saved(visit: Visit, served: Process) -> None:
    """The journey: the count follows, the preview tells who would enter, the file is there."""
    page = visit.open("/segments/new")
    built(page)
    english = "People whose total revenue of 'Order Completed' is above 20 and in champions"
    page.locator("#english", has_text=english).wait_for()
    page.locator("#count:not([aria-busy])").get_by_text("Everybody was counted.").wait_for()
    count = int(page.locator("#count .big").inner_text().split()[0])
    assert count > 0
    page.get_by_label("Name", exact=True).fill("good_ones")
    page.get_by_role("button", name="Preview who would enter and leave").click()
    row = page.locator("#effects tbody tr").first
    row.wait_for()
    assert row.inner_text().split() == ["good_ones", "0", str(count), str(count), "0"]
    page.get_by_label("Why (kept with the version)").fill("for the autumn letter")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("It is in force.").wait_for()
    text = (served.log.parent / "shop" / "definitions" / "good_ones.yaml").read_text("utf-8")
    assert text.splitlines()[0].endswith(": for the autumn letter")
    assert "good_ones" in from_yaml(text).by_name
    assert served.get("/v1/segments/good_ones").json["holds"] == count


def test_builder_is_accessible_and_fits_a_phone(visit: Visit) -> None:
    """With conditions in it, with mistakes, and with a preview."""
    page = visit.open("/segments/new")
    visit.accessible()
    built(page)
    page.get_by_text("Everybody was counted.").wait_for()
    page.get_by_role("button", name="Preview who would enter and leave").click()
    page.locator("#effects tbody tr").first.wait_for()
    visit.accessible()
    visit.fits()
    page.get_by_label("Value").fill("many")
    page.locator(".item > .mistake:visible").wait_for()
    visit.accessible()
    visit.fits()


def test_segment_is_built_without_a_mouse(visit: Visit) -> None:
    """Every field and button is reached by the keyboard, and what is new has the focus."""
    page = visit.open("/segments/new")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("typed")
    for _ in range(4):  # purpose, description, the join, and the first button
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.ariaLabel") == "Trait or segment"
    page.keyboard.type("monetary")
    for _ in range(3):  # the calculation, the comparison, its value
        page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    page.get_by_text("Everybody was counted.").wait_for()
    assert "monetary is at least 50" in page.locator("#english").inner_text()
    for _ in range(2):  # a trait to compare it with
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Remove"
    page.keyboard.press("Enter")
    page.get_by_text("Add a condition, and see how many people it holds.").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Add a trait or segment"


def test_mistake_is_told_at_its_field(visit: Visit) -> None:
    """A value that is no number, a name that is taken, and a segment without a name."""
    page = visit.open("/segments/new")
    page.get_by_role("button", name="Add a trait or segment").click()
    page.get_by_label("Trait or segment").select_option("monetary")
    page.get_by_label("Value").fill("many")
    told = page.locator(".item > .mistake")
    told.wait_for()
    assert "a number is needed" in told.inner_text()
    assert page.get_by_label("Value").get_attribute("aria-invalid") == "true"
    page.get_by_label("Value").fill("5")
    told.wait_for(state="hidden")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("A segment needs a name.").wait_for()
    page.get_by_label("Name", exact=True).fill("champions")
    page.get_by_text("save it under another name").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("something is wrong with the definition").wait_for()
    visit.wrong[:] = [each for each in visit.wrong if "409" not in each]


ESTIMATE = {
    "mistakes": [],
    "count": {
        "as_of": "2026-01-01T00:00:00Z", "people": 1_000_000, "sample": 40_000, "exact": False,
        "confidence": 0.95, "holds": {"n": 123_456, "low": 120_000, "high": 127_000},
        "audience": {"n": 100_000, "low": 97_000, "high": 103_000}, "examples": [],
    },
}  # fmt: skip


def test_count_of_a_sample_says_how_sure_it_is(visit: Visit) -> None:
    """The interval stands beside the number, and everybody is counted where that is asked for."""
    page = visit.open("/segments/new")

    def answered(route: Route) -> None:
        if "everybody" in (route.request.post_data or ""):
            route.continue_()
        else:
            route.fulfill(json=ESTIMATE)

    page.route("**/v1/definitions/count", answered)
    page.get_by_role("button", name="Add a trait or segment").click()
    told = page.locator("#count")
    told.get_by_text("Between 120,000 and 127,000, with 95% confidence").wait_for()
    assert told.locator(".big").inner_text().startswith("≈ 123,456")
    visit.accessible()
    visit.fits()
    told.get_by_role("button", name="Count everybody").click()
    told.get_by_text("Everybody was counted.").wait_for()


def test_segment_written_in_python_is_opened_to_be_saved_as_another(visit: Visit) -> None:
    """Its conditions are in the fields, and its file is left alone."""
    page = visit.open("/segments/champions/edit")
    page.get_by_text("Everybody was counted.").wait_for()
    assert page.get_by_label("Name", exact=True).input_value() == "champions_2"
    assert "definitions.py" in page.locator(".notice").inner_text()
    assert [each.input_value() for each in page.get_by_label("Trait or segment").all()] == [
        "recency_rank", "frequency_rank",
    ]  # fmt: skip


def test_stages_are_shown_with_the_file_to_edit(visit: Visit) -> None:
    """The builder has no fields for them, and says where they are written."""
    page = visit.open("/segments/lifecycle_stage/edit")
    assert "definitions.py" in page.locator(".notice").inner_text()
    assert "node: stages" in page.locator("pre").inner_text()
    visit.accessible()
    visit.fits()


def test_what_has_no_fields_is_shown_in_english_and_kept(visit: Visit, served: Process) -> None:
    """A condition that somebody wrote by hand goes through the builder as it is."""
    monetary = n.Ref("monetary")
    other = n.Compare("==", monetary, n.Coalesce((monetary, n.Number(Decimal(0)))))
    spent = n.Compare(">=", monetary, n.Number(Decimal(5)))
    odd = to_data(Segment(n.And((other, spent))))
    body = json.dumps({"definition": odd}).encode()
    assert served.ask("PUT", "/v1/definitions/odd", body).status == 200
    page = visit.open("/segments/odd/edit")
    page.get_by_text("people whose monetary is the first known of (monetary, 0)").first.wait_for()
    page.get_by_text("There are no fields for this; it is kept as it is.").wait_for()
    page.get_by_label("Value").fill("7")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved as definitions/odd.yaml.").wait_for()
    edited = n.Compare(">=", monetary, n.Number(Decimal(7)))
    kept = to_data(Segment(n.And((other, edited))))
    assert served.get("/v1/drafts/odd").json["definition"] == kept


def test_sequence_and_calculation_are_built_from_fields(visit: Visit, served: Process) -> None:
    """An order within a day after a view, and spend by order; the saved tree fills them again."""
    page = visit.open("/segments/new")
    page.get_by_role("button", name="Add an event").click()
    page.get_by_label("Event", exact=True).select_option("Order Completed")
    page.get_by_label("Beside another event").select_option("after")
    page.get_by_label("Other event", exact=True).select_option("Product Viewed")
    page.get_by_label("How long").fill("1")
    page.get_by_role("button", name="Add a trait or segment").click()
    page.get_by_label("Trait or segment").select_option("monetary")
    page.get_by_role("button", name="Calculate").click()
    page.get_by_label("Calculated with").select_option("frequency")
    page.get_by_label("Value").fill("20")
    page.get_by_text("Everybody was counted.").wait_for()
    visit.accessible()
    visit.fits()
    page.get_by_label("Name", exact=True).fill("keen")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved as definitions/keen.yaml.").wait_for()
    viewed, order = n.Named("Product Viewed"), n.Named("Order Completed")
    keen = n.Any_(n.Then(viewed, order, timedelta(days=1)))
    each = n.Arithmetic("/", n.Ref("monetary"), n.Ref("frequency"))
    dear = n.Compare(">=", each, n.Number(Decimal(20)))
    assert served.get("/v1/drafts/keen").json["definition"] == to_data(Segment(n.And((keen, dear))))
    page = visit.open("/segments/keen/edit")
    page.get_by_text("Everybody was counted.").wait_for()
    assert page.get_by_label("Beside another event").input_value() == "after"
    assert page.get_by_label("Calculated with").input_value() == "frequency"


DAYS = """async ([address, zone, days]) => {
  const { inZone, begins, dayOf } = await import(address);
  inZone(zone);
  return days.map((day) => [begins(day), dayOf(begins(day))]);
}"""


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu",
                                  "America/Havana", "Asia/Beirut"])  # fmt: skip
def test_day_begins_where_the_projects_zone_says(visit: Visit, zone: str) -> None:
    """Each day of a year, those without or with two midnights too, as the project reads dates."""
    page = visit.open("/segments/new")
    days = [(date(2025, 1, 1) + timedelta(days=i)).isoformat() for i in range(366)]
    address = tree(page).replace("builder-tree", "zones")
    found = page.evaluate(DAYS, [address, zone, days])
    expected = [iso(parse(day, ZoneInfo(zone))) for day in days]
    assert [at for at, _ in found] == expected
    assert [day for _, day in found] == days


def test_dates_are_those_of_the_projects_zone_and_say_so(window: Page, shop: Path,
                                                         tmp_path: Path) -> None:  # fmt: skip
    """In New York a day begins five hours later than in UTC."""
    own = copied(shop, tmp_path)
    settings = own / "coterie.toml"
    said = settings.read_text("utf-8")
    settings.write_text(said.replace('"UTC"', '"America/New_York"'), "utf-8")
    with serving(own, tmp_path / "log") as process:
        visit = Visit(window, f"http://127.0.0.1:{process.port}")
        page = visit.open("/segments/new")
        page.get_by_role("button", name="Add a trait or segment").click()
        page.get_by_label("Trait or segment").select_option("last_order_at")
        page.get_by_label("Comparison").select_option("since")
        shown = page.get_by_label("Comparison").locator("option:checked").inner_text()
        assert "America/New_York" in shown
        page.get_by_label("Value").fill("2025-12-01")
        page.locator("#yaml", has_text="2025-12-01T05:00:00Z").wait_for(state="attached")
        english = page.locator("#english").inner_text()
        assert english.endswith("last_order_at is at least 2025-12-01 00:00 America/New_York")
        page.get_by_label("Name", exact=True).fill("since_december")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("It is in force.").wait_for()
        page = visit.open("/segments/since_december")
        assert page.locator(".english").inner_text().lower() == english.lower()
        visit.leave()
        assert visit.wrong == []


def test_text_from_outside_is_inert_in_the_builder(visit: Visit, served: Process) -> None:
    """A script as a value is a text, in the sentence and in the field."""
    script = "<script>alert(1)</script>\u202e" + "x" * 10_000
    odd = to_data(
        Segment(n.Compare("==", n.Ref("lifecycle_stage"), n.Words("new")), "", script[:400])
    )
    body = json.dumps({"definition": odd}).encode()
    assert served.ask("PUT", "/v1/definitions/inert", body).status == 200
    page = visit.open("/segments/inert/edit")
    page.locator("#count .big").wait_for()
    assert script[:30] in page.locator("#english").inner_text()
    visit.fits()


def _trees(library: Library) -> list[dict[str, Any]]:
    found = [library.definition(name) for name in library.segments]
    return [to_data(each.predicate) for each in found if isinstance(each, Segment)]


def test_any_predicate_goes_through_the_builder_and_means_the_same(visit: Visit) -> None:
    """Generated definitions, read and written again, are equal; what has no fields is in words."""
    page = visit.open("/segments/new")
    seen: list[Library] = []

    def many(library: Library) -> bool:
        seen.append(library)
        return False

    _collected(many)
    n_trees = 0
    for library in seen:
        words = msgspec.json.decode(msgspec.json.encode(vocabulary(library)))
        trees = json.loads(msgspec.json.encode(_trees(library)))
        again = page.evaluate(AGAIN, [tree(page), words, trees])
        kept = page.evaluate(KEPT, [tree(page), words, trees])
        for one, written, places in zip(trees, again, kept, strict=True):
            n_trees += 1
            assert plain(from_data(written, n.Expr)) == plain(from_data(one, n.Expr))
            told = dict(conditions(written, "predicate"))
            assert all(people(from_data(told[place], n.Expr)) for place in places)
    assert n_trees > 30


def test_definitions_of_a_shop_fill_the_fields(visit: Visit, served: Process) -> None:
    """Nearly all segments of the recipes are edited by fields, and none is changed by it."""
    page = visit.open("/segments/new")
    words = served.get("/v1/vocabulary").json
    names = [each["name"] for each in words["traits"] if each["type"] == "segment"]
    trees = [served.get(f"/v1/drafts/{name}").json["definition"]["predicate"] for name in names]
    again = page.evaluate(AGAIN, [tree(page), words, trees])
    for name, one, written in zip(names, trees, again, strict=True):
        assert plain(from_data(written, n.Expr)) == plain(from_data(one, n.Expr)), name
    odd = page.evaluate(ODD, [tree(page), words, trees])
    assert sum(odd) <= len(names) // 5, [name for name, one in zip(names, odd, strict=True) if one]


def _collected(many: Any) -> None:
    """Give a function a hundred generated libraries."""
    limits = settings(
        max_examples=100, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with pytest.raises(NoSuchExample):
        find(libraries(), many, settings=limits)
