"""Pictures of one segment: over time, by cause, and against everyone."""

from __future__ import annotations

import re

import pytest
from vl_convert import vegalite_to_svg

from coterie.pictures import against, causes, course
from coterie.pictures.saying import about
from coterie.project import Project


def test_size_stays_until_now(shop: Project) -> None:
    """The last point is now, of the size that the records lead to."""
    published = shop.published
    data = course.data(published, "champions", published.clock + 3_600_000_000)
    holds = next(group for group in published.groups() if group.name == "champions").sizes[0].holds
    assert data["size"].to_pylist()[-1] == holds
    assert data["at"][-1].as_py() > data["at"][-2].as_py()
    assert course.chart(data).to_dict()["layer"][0]["mark"]["interpolate"] == "step-after"


def test_whoever_the_first_answer_found_inside_did_not_enter(shop: Project) -> None:
    """There was one run alone, so nobody entered or left."""
    data = causes.data(shop.published, "champions")
    assert data.num_rows == 0
    assert about(data, "unit") == "hour"
    causes.chart(data).to_dict()


def test_causes_are_told_in_words(shop: Project) -> None:
    """Entrances are above zero, exits below, each with its cause."""
    from coterie.profiles.course import Course, Point

    moved = {"first": (4, 0), "event": (3, 1), "time": (0, 2)}
    found = Course("day", [Point(1_767_225_600_000_000, 4, 3, 3, moved)])
    data = causes.data(shop.published, "champions", found)
    assert data.select(["cause", "entered", "left"]).to_pylist() == [
        {"cause": "an event", "entered": 3, "left": 1},
        {"cause": "time alone", "entered": 0, "left": 2},
    ]
    (drawn,) = causes.chart(data).to_dict()["datasets"].values()
    assert [row["people"] for row in drawn] == [3, -1, -2]


def test_a_cause_has_one_colour_in_every_chart(shop: Project) -> None:
    """Whatever else moved people: an event looks as it does beside other causes."""
    from coterie.profiles.course import Course, Point

    def colours(**moved: tuple[int, int]) -> dict[str, str]:
        found = Course("day", [Point(1_767_225_600_000_000, 4, 3, 3, moved)])
        drawn = causes.chart(causes.data(shop.published, "champions", found)).to_dict()
        scale = drawn["encoding"]["color"]["scale"]
        return dict(zip(scale["domain"], scale["range"], strict=True))

    alone, beside = colours(late=(1, 0)), colours(event=(3, 1), late=(1, 0), refit=(0, 2))
    assert alone.items() <= beside.items()
    assert len({*beside.values()}) == 3


def test_few_people_are_counted_in_whole_numbers(shop: Project) -> None:
    """Between one and two there is nobody, and no number stands at the axis twice."""
    from coterie.profiles.course import Course, Point

    found = Course("day", [Point(1_767_225_600_000_000, 2, 2, 0, {"event": (2, 0)})])
    data = causes.data(shop.published, "champions", found)
    drawn = vegalite_to_svg(causes.chart(data).to_dict())
    assert [each for each in re.findall(r">([\d.,]+)</text>", drawn) if len(each) < 4] == [*"012"]


@pytest.mark.parametrize(
    "trait", ["frequency", "monetary", "last_order_at", "favourite_category", "lifecycle_stage"]
)
def test_shares_are_of_whose_value_is_known(shop: Project, trait: str) -> None:
    """They add up to one where every value has a bar, and never to more."""
    data = against.data(shop.published, "champions", trait)
    for name in ("inside", "everyone"):
        total = sum(data[name].to_pylist())
        assert total <= 1 + 1e-9
        if trait != "favourite_category":
            assert total == pytest.approx(1)
    against.chart(data).to_dict()


def test_truths_are_yes_and_no(shop: Project) -> None:
    """Of a segment against itself everybody is inside."""
    data = against.data(shop.published, "champions", "champions")
    assert data.select(["value", "inside"]).to_pylist() == [
        {"value": "yes", "inside": 1.0}, {"value": "no", "inside": 0.0},
    ]  # fmt: skip
