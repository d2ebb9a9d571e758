"""Size over time: as each run believed it, and as it is known now."""

from __future__ import annotations

import pytest

from coterie.errors import ProjectError, UnknownName
from coterie.language.time import micros, parse_instant
from coterie.profiles import members, state
from tests.history.conftest import RUNS
from tests.history.edits import FEWER, WIDER, edited
from tests.project.shop import DEFINITIONS, MORE, Shop

SHORT = ("size", "entered", "left", "cause")


def told(shop: Shop, name: str, *, known: bool = False) -> list[tuple[object, ...]]:
    """The steps of a history without their instants."""
    frame = shop.project.history(name, known=known).frame.arrow
    return [tuple(row.values()) for row in frame.select(SHORT).to_pylist()]


def test_history_says_who_came_and_went_at_each_run(months: Shop) -> None:
    """Ann was there in January, Bob came; in March only Cas and Dee ordered within 30 days."""
    assert told(months, "active") == [(1, 1, 0, "run"), (2, 1, 0, "run"), (2, 2, 2, "run")]
    report = months.project.history("active")
    assert [step.at for step in report.steps] == [micros(parse_instant(day)) for day in RUNS]
    assert {step.version for step in report.steps} == {1}
    assert "last 30 days" in report.english


def test_history_of_stages_has_a_step_for_each_stage(months: Shop) -> None:
    """Also for one that nobody is in; one stage can be asked for alone."""
    steps = months.project.history("mood").steps
    assert [(step.stage, step.size) for step in steps[:3]] == [
        ("new", 1),
        ("regular", 0),
        ("none", 0),
    ]
    last = {step.stage: step.size for step in steps[-3:]}
    assert last == {"new": 3, "regular": 1, "none": 0}
    regular = months.project.history("mood.regular").steps
    assert regular == [step for step in steps if step.stage == "regular"]


def test_run_that_moved_nobody_is_a_step(months: Shop) -> None:
    """A size that stays is said as well."""
    months.project.run("2024-03-15")
    assert told(months, "bought")[-1] == (4, 0, 0, "run")


def test_sizes_are_those_of_the_fold_at_every_run(months: Shop) -> None:
    """For every segment and stage, also after edits and late events."""
    months.imported(MORE, name="more").project.run("2024-03-20")
    edited(months, FEWER.replace("days(30)", "days(45)")).project.run("2024-04-01")
    edited(months, DEFINITIONS).project.run("2024-04-10")
    stores = months.project.stores
    log = state.read_changes(stores.lake, stores.ledger)
    for name in ("bought", "active", "best", "mood"):
        for step in months.project.history(name).steps:
            rows = [r for r in members.folded(log, step.offset).to_pylist() if r["segment"] == name]
            sizes = {
                s.stage: s.size
                for s in months.project.history(name).steps
                if s.offset == step.offset
            }
            assert sizes[step.stage] == sum(row["stage"] == step.stage for row in rows)


def test_known_history_is_by_what_came_later(months: Shop) -> None:
    """A late order changes what is known of February, never what was believed."""
    before = told(months, "active")
    months.imported(MORE, name="more").project.run("2024-03-15")
    assert told(months, "active")[:3] == before
    assert [step.size for step in months.project.history("active").steps] == [1, 2, 2, 4]
    assert told(months, "active", known=True) == [(1, 1, 0, ""), (2, 1, 0, ""), (4, 3, 1, "")]


def test_known_history_is_by_todays_definitions(months: Shop) -> None:
    """No run had a window of 60 days, and no version of the definitions has it yet."""
    edited(months, WIDER)
    report = months.project.history("active", known=True)
    assert [(step.size, step.version) for step in report.steps] == [(1, None), (2, None), (4, None)]
    stages = months.project.history("mood", known=True).steps
    assert sum(step.size for step in stages[-3:]) == 4


def test_known_history_asks_in_bounded_portions(
    months: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few people are asked about at once, the answer is the same."""
    whole = told(months, "mood", known=True)
    monkeypatch.setattr("coterie.profiles.history.POINTS", 1)
    assert told(months, "mood", known=True) == whole


def test_history_begins_where_a_segment_was_defined(months: Shop) -> None:
    """Who is in it at once came in by the edit."""
    edited(months, DEFINITIONS + "rich = segment(spend > 50)\n").project.run("2024-03-15")
    assert told(months, "rich") == [(1, 1, 0, "edit")]


def test_history_of_a_removed_segment_stays(months: Shop) -> None:
    """It ends with the edit that let everybody go; only what is known now cannot be asked."""
    size = told(months, "best")[-1][0]
    edited(months, FEWER).project.run("2024-03-15")
    months.project.run("2024-04-01")
    assert told(months, "best")[-1] == (0, 0, size, "edit")
    assert len({step.offset for step in months.project.history("best").steps}) == len(RUNS) + 1
    assert months.project.history("best").english == ""
    with pytest.raises(UnknownName):
        months.project.history("best", known=True)


def test_stages_that_became_a_segment_are_both_told(months: Shop) -> None:
    """A name that meant stages once and a segment now has steps of either."""
    text = DEFINITIONS[: DEFINITIONS.index("mood =")] + "mood = segment(orders > 1)\n"
    edited(months, text).project.run("2024-03-15")
    last = [(s.stage, s.size, s.cause) for s in months.project.history("mood").steps[-3:]]
    assert last == [("", 1, "edit"), ("new", 0, "edit"), ("regular", 0, "edit")]


def test_edit_and_run_at_once_are_told_apart(months: Shop) -> None:
    """What the edit moves where the clock stood, then what the clock moves under it."""
    edited(months, WIDER).project.run("2024-04-26")
    assert told(months, "active")[-2:] == [(4, 2, 0, "edit"), (1, 0, 3, "run")]
    log = months.project.history("active").steps
    assert {step.version for step in log[-2:]} == {2}


def test_edit_of_a_trait_is_an_edit_of_what_rests_on_it(months: Shop) -> None:
    """`mood` counts orders: another count is another mood, by the edit alone."""
    text = DEFINITIONS.replace("orders = trait(order.count())", "orders = trait(order.count() + 1)")
    edited(months, text).project.run("2024-03-15")
    steps = months.project.history("mood.regular").steps
    assert (steps[-1].size, steps[-1].cause) == (4, "edit")


def test_erased_person_is_in_no_history(months: Shop) -> None:
    """The sizes of the past are those of a history without them."""
    months.project.erase("ann")
    assert told(months, "active") == [(0, 0, 0, "run"), (1, 1, 0, "run"), (2, 2, 1, "run")]
    assert [size for size, *_ in told(months, "active", known=True)] == [0, 1, 2]


def test_notebook_has_history_as_arrow(months: Shop) -> None:
    """Of a segment, and of one stage."""
    frame = months.project.segments["active"].history()
    assert frame.columns == [
        "at", "offset", "version", "stage", "cause", "entered", "left", "size",
    ]  # fmt: skip
    assert str(frame.arrow.schema.field("at").type) == "timestamp[us, tz=UTC]"
    assert months.project.segments["mood.new"].history(known=True)["size"] == [1, 1, 3]


@pytest.mark.parametrize("name", ["spend", "nothing", "mood.best", "active.in", ""])
def test_what_has_no_history_is_refused(months: Shop, name: str) -> None:
    """A trait, a name that never was, a stage that never was."""
    for known in (False, True):
        with pytest.raises(UnknownName):
            months.project.history(name, known=known)


def test_before_the_first_run_there_is_no_history(shop: Shop) -> None:
    """The error says what to type."""
    for known in (False, True):
        with pytest.raises(ProjectError, match="nothing has been computed"):
            shop.project.history("active", known=known)
