"""Definitions over time: their versions, their differences, and what an edit would change."""

from __future__ import annotations

import pytest

from coterie.errors import ProjectError
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.project.previewing import Effect, PreviewReport
from tests.history.edits import FEWER, WIDER, edited
from tests.project.shop import DEFINITIONS, MORE, Shop, at


def recorded(shop: Shop) -> dict[tuple[str, str], tuple[int, int]]:
    """What the last run recorded with the cause `edit`: (name, stage) -> entered, left."""
    last = shop.project.answers.last_run().offset
    found = {}
    for name in ("bought", "active", "best", "mood", "rich", "rare"):
        if name in shop.project.questions.groups or name == "best":
            for step in shop.project.history(name).steps:
                if step.offset == last and step.cause == "edit":
                    found[name, step.stage] = (step.entered, step.left)
    return found


def moved(report: PreviewReport) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (effect.name, effect.stage): (effect.entered, effect.left)
        for effect in report.effects
        if effect.entered or effect.left
    }


EDITS = {
    "a wider window": WIDER,
    "a segment gone": FEWER,
    "a new one": DEFINITIONS + "rich = segment(spend > 50)\n",
    "a new fit": DEFINITIONS + "rare = segment(quantile_rank(orders, 2) == 1)\n",
    "a fit on something else": DEFINITIONS.replace("rank(spend, 3)", "rank(orders, 3)"),
    "a trait": DEFINITIONS.replace("trait(order.count())", "trait(order.count() + 1)"),
    "a stage renamed": DEFINITIONS.replace('"regular"', '"often"'),
    "stages made a segment": DEFINITIONS.partition("mood =")[0] + "mood = segment(orders > 1)\n",
    "another purpose": DEFINITIONS.replace(', purpose="marketing"', ""),
}


@pytest.mark.parametrize("edit", EDITS)
def test_preview_is_what_the_next_run_records_as_edited(months: Shop, edit: str) -> None:
    """Whatever the clock and late events do in that run besides."""
    shown = edited(months, EDITS[edit]).project.preview()
    months.imported(MORE, name="more").project.run("2024-05-01")
    assert moved(shown) == recorded(months)
    assert months.folded() == months.members()


def test_preview_says_before_and_after(months: Shop) -> None:
    """Sizes by both definitions, who enters, and the sentence that changed."""
    report = edited(months, WIDER).project.preview()
    assert report.effects == [Effect("active", before=2, after=4, entered=2, left=0)]
    assert {(one.profile, one.change) for one in report.movers} == {
        (months.person("ann"), "entered"), (months.person("bob"), "entered"),
    }  # fmt: skip
    (difference,) = report.differences
    assert (difference.name, difference.change) == ("active", "changed")
    assert ("30 days" in difference.old, "60 days" in difference.new) == (True, True)
    assert report.frame.columns == ["profile", "segment", "stage", "change"]


def test_preview_lists_only_who_may_be_used(months: Shop) -> None:
    """Everybody leaves a marketing segment; only Ann may be used for marketing."""
    text = DEFINITIONS.replace("segment(order.any(), pur", "segment(order.count() > 5, pur")
    report = edited(months, text).project.preview()
    assert report.effects == [Effect("bought", before=4, after=0, entered=0, left=4)]
    assert [(one.profile, one.change) for one in report.movers] == [
        (months.person("ann"), "exited")
    ]


def test_preview_of_no_edit_is_empty(months: Shop) -> None:
    """Nobody enters or leaves; events that wait are said to."""
    report = months.project.preview()
    assert (report.differences, report.effects, report.movers, report.notes) == ([], [], [], [])
    months.imported(MORE, name="more")
    assert "events have come" in months.project.preview().notes[0]


def test_preview_says_what_it_cannot_know_yet(months: Shop) -> None:
    """A property that the plan learnt after its events came is read in by the next run."""
    order = Event(
        source="web", message_id="w", name="Order Completed", occurred_at=at("2024-03-14"),
        received_at=at("2024-03-14"), user_id="ann", properties={"colour": "red"},
    )  # fmt: skip
    months.project.receive(TrackingPlan(events={"Order Completed": PlannedEvent()}), [[order]])
    months.project.run("2024-03-15")
    assert months.project.preview().notes == []
    colour = PlannedEvent(properties={"colour": Property(type="text")})
    months.project.plans.extend(TrackingPlan(events={"Order Completed": colour}), "more")
    (note,) = edited(months, DEFINITIONS).project.preview().notes
    assert "learnt of properties" in note


def test_preview_needs_a_run(shop: Shop) -> None:
    """There is nothing to compare with before the first."""
    with pytest.raises(ProjectError, match="nothing has been computed"):
        shop.project.preview()


def test_versions_keep_author_note_instant_and_difference(months: Shop) -> None:
    """The first adds everything; a run without an edit adds no version."""
    edited(months, WIDER).project.run("2024-03-16", author="Ada", note="Two months are active")
    months.project.run("2024-03-17", author="Bea", note="nothing new")
    edited(months, FEWER).project.run("2024-03-18", author="Cat")
    first, second, third = months.project.versions().versions
    assert {one.change for one in first.differences} == {"added"}
    assert (second.version, second.author, second.note) == (2, "Ada", "Two months are active")
    assert [(one.name, one.change) for one in second.differences] == [("active", "changed")]
    assert "within: P60D" in second.differences[0].new_yaml
    assert [(one.name, one.change) for one in third.differences] == [
        ("active", "changed"), ("best", "removed"),
    ]  # fmt: skip
    assert (third.author, third.note) == ("Cat", "")


def test_going_back_is_a_row_of_its_own(months: Shop) -> None:
    """With the number that the definitions had before."""
    edited(months, WIDER).project.run("2024-03-16")
    edited(months, DEFINITIONS).project.run("2024-03-17", note="that was too wide")
    versions = months.project.versions().versions
    assert [one.version for one in versions] == [1, 2, 1]
    assert versions[-1].note == "that was too wide"


def test_any_two_versions_are_compared(months: Shop) -> None:
    """By number; without numbers the last run's and the files as they are."""
    edited(months, WIDER).project.run("2024-03-16")
    edited(months, FEWER)
    cdp = months.project
    assert [one.name for one in cdp.differences(1, 2).differences] == ["active"]
    assert [one.name for one in cdp.differences(2, 1).differences] == ["active"]
    assert [one.name for one in cdp.differences(1).differences] == ["best"]
    assert [one.change for one in cdp.differences().differences] == ["changed", "removed"]
    assert cdp.differences(2, 2).differences == []
    with pytest.raises(ProjectError, match="no such version"):
        cdp.differences(1, 9)


def test_order_of_writing_is_no_difference(months: Shop) -> None:
    """The same definitions in another order are the same version."""
    lines = DEFINITIONS.replace("bought = ", "zz = ").splitlines()
    moved_up = "\n".join([*lines[:-1], lines[-1], lines[-4].replace("zz = ", "bought = ")])
    edited(months, moved_up.replace(lines[-4] + "\n", "", 1))
    assert months.project.differences().differences == []
    assert months.project.run("2024-03-16").version == 1
