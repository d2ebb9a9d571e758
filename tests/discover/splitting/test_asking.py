"""A project's segments are reviewed by the command, as everything else is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest
from typer.testing import CliRunner, Result

from coterie.cli.main import app
from coterie.discover.splitting import Limits, Review, reviewed
from coterie.errors import CoterieError, UnknownName, WrongType
from coterie.language.events import Event
from tests.live.shop import ORDER, Live, bought, day, looked

DEFINITIONS = """\
from coterie import days, event, instant, segment, stages, trait

order, viewed = event("Order Completed"), event("Page Viewed")
orders = trait(order.count())
spend = trait(order.sum("amount"))
views = trait(viewed.count())
favourite = trait(viewed.top("page"))
lot = trait(order.first("items"))
loyal = segment(orders >= 6)
kind = stages({"buyer": orders >= 6, "guest": orders >= 1}, otherwise="looker")
guests = segment(kind == "guest")
half = stages({"a": (orders >= 6) & (lot == "a"), "b": orders >= 6}, otherwise="rest")
"""


def history() -> list[Event]:
    """Buyers of two letters drawn by lot, guests, and lookers who buy nothing."""
    random, found = Random(3), []
    for i in range(900):
        who = f"person {i}"
        if i % 3 == 0:
            for j in range(random.randint(7, 12)):
                amount = f"{random.randint(40, 60)}.00"
                found.append(bought(f"o{i}-{j}", who, random.uniform(0, 60), amount))
        if i % 3 == 1:
            found.append(bought(f"o{i}", who, random.uniform(0, 60), f"{random.randint(5, 9)}.00"))
        n = random.randint(9, 14) if i % 3 == 2 else random.randint(1, 3)
        found += [looked(f"v{i}-{j}", who, random.uniform(0, 60)) for j in range(n)]
    for event in found:
        if event.name == ORDER:
            event.properties["items"] = "ab"[number(event) // 3 % 2]
    return found


def number(event: Event) -> int:
    """Which of the people it is of."""
    return int(str(event.user_id).split()[1])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    made = Live(tmp_path_factory.mktemp("reviewed"), DEFINITIONS).send(history())
    made.project.run(day(61))
    yield made
    made.project.close()


@pytest.fixture(scope="module")
def review(shop: Live) -> Review:
    return reviewed(
        shop.project, limits=Limits(floor=50, margin=0.35), traits=["orders", "spend", "views"]
    )


def of(shop: Live, *said: str) -> Result:
    return CliRunner().invoke(app, ["-p", str(shop.folder), "segments", *said])


def test_every_segment_and_stage_is_reviewed_but_names_of_stages(review: Review) -> None:
    """Stages one by one, segments by name; `guests`, which only names a stage, is left out."""
    names = [group.name for group in review.groups]
    assert names == [
        "kind.buyer", "kind.guest", "kind.looker", "half.a", "half.b", "half.rest", "loyal",
    ]  # fmt: skip
    assert [group.people for group in review.groups] == [300, 300, 300, 150, 150, 600, 300]


def test_what_is_wrong_with_them_is_proposed(review: Review) -> None:
    """The same people twice, one kind cut by lot, and two kinds under one name."""
    said = {(each.because, *each.groups) for each in review.proposals}
    assert said == {
        ("same", "kind.buyer", "loyal"), ("alike", "half.a", "half.b"), ("two", "half.rest"),
    }  # fmt: skip
    assert "apart most by" in review.proposals[-1].said


def test_an_outcome_is_no_trait_to_compare_by(shop: Live) -> None:
    """Whoever brings less is named; the outcome itself is not what makes people alike."""
    found = reviewed(shop.project, ["kind"], outcome="spend", limits=Limits(floor=50))
    weak = [each.groups for each in found.proposals if each.because == "weak"]
    assert ("kind.guest", "kind.looker") in weak or ("kind.guest", "kind.buyer") in weak
    means = {group.name: group.outcome for group in found.groups}
    assert means["kind.buyer"] > 300 > means["kind.guest"]


def test_segments_are_outcomes_too(shop: Live) -> None:
    """A truth counts as 1 and 0."""
    found = reviewed(shop.project, ["half"], outcome="loyal", traits=["views"])
    assert [group.outcome for group in found.groups] == [1.0, 1.0, 0.0]


def test_what_cannot_be_reviewed_is_said(shop: Live) -> None:
    """An unknown segment, an outcome of words, a single segment."""
    with pytest.raises(UnknownName):
        reviewed(shop.project, ["kind.byer"])
    with pytest.raises(UnknownName):
        reviewed(shop.project, outcome="spent")
    with pytest.raises(WrongType, match="number or a truth"):
        reviewed(shop.project, outcome="favourite")
    with pytest.raises(CoterieError, match="nothing to compare"):
        reviewed(shop.project, ["loyal"])


def test_the_command_prints_a_table_and_sentences(shop: Live) -> None:
    """Sizes, what to merge, what to divide, and how many tests were made."""
    shop.project.close()
    done = of(shop, "review", "--outcome", "spend", "--floor", "50")
    assert done.exit_code == 0, done.output
    for line in ("half.rest", "To merge", "To divide", "corrected for their number"):
        assert line in done.output
    assert "person" not in done.output


def test_the_command_prints_json(shop: Live) -> None:
    """The same as data, without NaN; a segment with no known outcome is null."""
    shop.project.close()
    done = of(shop, "review", "kind", "half.a", "--json", "--outcome", "spend")
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    assert data["groups"][2] == {"name": "kind.looker", "people": 300, "outcome": None}
    assert data["outcome"] == "spend"


def test_segments_without_a_verb_show_them(shop: Live) -> None:
    """`coterie segments` is what it was, and takes the project before or after the verb."""
    shop.project.close()
    assert "for analytics" in of(shop).output
    folder = ["segments", "review", "kind", "-p", str(shop.folder)]
    assert CliRunner().invoke(app, folder).exit_code == 0
    folder = ["segments", "-p", str(shop.folder), "review", "kind"]
    assert CliRunner().invoke(app, folder).exit_code == 0
