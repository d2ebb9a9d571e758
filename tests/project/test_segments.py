"""Segments: who holds, who may be used, what changed, as of any instant."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from coterie.errors import NoPurpose, ProjectError, UnknownName
from tests.project.shop import DEFINITIONS, MORE, Shop, at


def sizes(shop: Shop, when: str | None = None) -> dict[str, tuple[int, int]]:
    """Name -> how many hold, and how many of them may be used."""
    report = shop.project.segments.report(when)
    return {
        size.name: (size.holds, size.audience) for group in report.groups for size in group.sizes
    }


def test_report_counts_holds_and_audience_apart(ran: Shop) -> None:
    """Four have bought; only Ann's consent to marketing stands."""
    assert sizes(ran) == {
        "bought": (4, 1), "active": (3, 3), "best": (1, 1),
        "new": (3, 3), "regular": (1, 1), "none": (0, 0),
    }  # fmt: skip


def test_report_of_the_past_is_by_what_is_known_now(ran: Shop) -> None:
    """As of late January Bob had consented, and Ann and Bob were all there were."""
    then = sizes(ran, "2024-01-25")
    assert (then["bought"], then["active"], then["best"]) == ((2, 2), (2, 2), (0, 0))


def test_report_says_what_the_last_run_changed(ran: Shop) -> None:
    """The first run lets everybody in; a month later time has let some out."""
    ran.project.run("2024-03-20")
    (active,) = [g for g in ran.project.segments.report().groups if g.name == "active"]
    assert (active.sizes[0].holds, active.sizes[0].entered, active.sizes[0].exited) == (2, 0, 1)
    (then,) = [g for g in ran.project.segments.report("2024-02-20").groups if g.name == "active"]
    assert then.sizes[0].entered is None


def test_report_of_the_past_names_what_was_fitted_for_it(ran: Shop) -> None:
    """`best` rests on a rank whose edges were not learnt yet; `active` on nothing fitted."""
    assert ran.project.segments.report().fitted_for_this == []
    assert ran.project.segments.report("2024-02-01").fitted_for_this == ["best"]


def test_report_says_that_events_have_come_since(ran: Shop) -> None:
    """The last run's answer stays what it was, and is said to be behind."""
    assert ran.project.segments.report().notes == []
    before = sizes(ran)
    ran.imported(MORE, name="more")
    assert sizes(ran) == before
    (note,) = ran.project.segments.report().notes
    assert "events have come" in note


def test_edited_definitions_are_answered_at_once(ran: Shop) -> None:
    """A new segment is counted at the last run's position, and the next run records it."""
    ran.define(DEFINITIONS + "rich = segment(spend > 50)\n")
    ran.project = ran.open()
    assert sizes(ran)["rich"] == (1, 1)
    (note,) = ran.project.segments.report().notes
    assert "changed since the last run" in note


def test_before_the_first_run_there_is_no_answer(shop: Shop) -> None:
    """The error says what to type; asking as of an instant works."""
    with pytest.raises(ProjectError) as refused:
        shop.project.segments.report()
    assert refused.value.hint == "type: coterie run"
    assert sizes(shop, "2024-03-01")["bought"] == (4, 0)


def test_profiles_are_the_audience_and_holds_are_all(ran: Shop) -> None:
    """What people and destinations see is who may be used; counting sees everybody."""
    bought = ran.project.segments["bought"]
    assert bought.profiles()["profile"] == [ran.person("ann")]
    assert len(bought.holds()) == 4
    assert bought.purpose == "marketing"


def test_profiles_come_with_traits(ran: Shop) -> None:
    """Also of one stage, and as of then."""
    regulars = ran.project.segments["mood.regular"].profiles("spend", "rank")
    assert regulars.arrow.to_pylist() == [
        {"profile": ran.person("ann"), "spend": Decimal("40.50"), "rank": 2}
    ]
    assert len(ran.project.segments["mood.new"].profiles(at="2024-01-25")) == 2


@pytest.mark.parametrize("name", ["spend", "mood", "mood.best", "active.in", "nothing"])
def test_what_has_no_people_in_it_is_refused(ran: Shop, name: str) -> None:
    """A trait, stages without one of them, a stage that is not, a name that is not."""
    with pytest.raises(UnknownName):
        ran.project.segments[name]


def test_segments_are_listed(ran: Shop) -> None:
    """The mapping has the segments' names."""
    assert list(ran.project.segments) == ["bought", "active", "best"]
    assert "people" in ran.project.segments["active"].english


def test_traits_have_a_row_a_person_and_instant(ran: Shop) -> None:
    """Only people who were known by an instant have a row at it."""
    frame = ran.project.traits(["spend", "mood"], at=["2024-01-15", "2024-01-25"])
    assert frame.columns == ["profile", "at", "spend", "mood"]
    ann, bob = ran.person("ann"), ran.person("bob")
    assert set(zip(frame["profile"], frame["at"], frame["spend"], strict=True)) == {
        (ann, _utc("2024-01-15"), Decimal("10.50")),
        (ann, _utc("2024-01-25"), Decimal("10.50")),
        (bob, _utc("2024-01-25"), Decimal("20.00")),
    }


def _utc(text: str) -> object:
    return pa.scalar(at(text), pa.timestamp("us", "UTC")).as_py()


def test_traits_are_by_default_those_of_the_last_run(ran: Shop) -> None:
    """Of everybody, at its clock."""
    frame = ran.project.traits(["orders"])
    assert set(frame["at"]) == {_utc("2024-03-01")}
    assert sorted(frame["orders"]) == [1, 1, 1, 2]


def test_traits_of_some_people_are_asked_by_any_id(ran: Shop) -> None:
    """Raw ids and pseudonyms, in the order asked; who was unknown then has null sums."""
    frame = ran.project.traits(["spend"], at="2024-01-15", profiles=["dee", ran.person("ann")])
    assert frame["profile"] == [ran.person("dee"), ran.person("ann")]
    assert frame["spend"] == [None, Decimal("10.50")]


def test_traits_leave_out_who_may_not_be_used(ran: Shop) -> None:
    """For marketing only Ann has a row, and Bob has one before he withdrew."""
    assert ran.project.traits(["spend"], purpose="marketing")["profile"] == [ran.person("ann")]
    then = ran.project.traits(["spend"], at="2024-01-25", purpose="marketing")
    assert len(then) == 2
    with pytest.raises(NoPurpose, match="selling"):
        ran.project.traits(["spend"], purpose="selling")


def test_frame_goes_to_pandas_and_polars_without_rounding(ran: Shop) -> None:
    """Amounts stay decimals, instants stay aware."""
    frame = ran.project.traits(["spend", "last_order_at"])
    total = Decimal("165.49")
    assert frame.to_pandas()["spend"].sum() == total
    assert frame.to_polars()["spend"].sum() == total
    assert str(frame.to_polars()["last_order_at"].dtype).startswith("Datetime(time_unit='us'")
    assert pa.table(frame).equals(frame.arrow)


def test_label_is_a_definition_read_later(ran: Shop) -> None:
    """Features at `t` and the label at `t + horizon` come from the same definitions."""
    features = ran.project.traits(["spend"], at="2024-01-25")
    label = ran.project.traits(["active"], at="2024-02-24", profiles=features["profile"])
    assert sorted(label["active"]) == [False, True]
