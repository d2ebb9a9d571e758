"""A definition that is being written: what it says, what is wrong, whom it would hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from coterie.errors import DefinitionErrors, WrongType
from coterie.language import nodes as n
from coterie.language.data import to_data
from coterie.language.definitions import Segment, Trait
from coterie.language.time import days
from coterie.profiles.estimating import counting
from coterie.project.drafting import Drafting
from coterie.project.drafting.saving import Moved
from tests.project.shop import CONSENTS_MAPPING, Shop

ORDER = n.Named("Order Completed")


def more_than(amount: int) -> n.Expr:
    return n.Compare(">", n.Ref("spend"), n.Number(Decimal(amount)))


def said(predicate: n.Expr, purpose: str = "") -> dict[str, Any]:
    """A segment as a page says it."""
    return to_data(Segment(predicate, purpose))


AMOUNT, TWELVE = n.Property("amount"), n.Number(Decimal(12))
CONSENT = n.Named("Consent Updated")
BESIDES: dict[str, n.Expr] = {
    "h": n.Compare(">", n.Ref("spend"), n.Arithmetic("*", n.Ref("orders"), TWELVE)),
    "i": n.Not(n.Any_(ORDER, since=n.LastAt(CONSENT))),
    "j": n.Compare(">", n.Decayed(ORDER, half_life=days(20), weight=AMOUNT), TWELVE),
    "k": n.Has(n.Values(ORDER, value=AMOUNT, limit=1), n.Number(Decimal(30))),
    "l": n.Compare(">=", n.Last(ORDER, value=AMOUNT), n.First(ORDER, value=AMOUNT)),
    "m": n.Compare("<", n.Top(ORDER, value=AMOUNT), n.Number(Decimal(25))),
    "n": n.Compare(">=", n.Count(ORDER, since=n.Ref("last_order_at")), n.Number(Decimal(1))),
}
"""A trait beside another, and aggregates that the builder has fields for."""

BIG = said(more_than(25))


def test_draft_is_told_in_english_and_yaml(ran: Shop) -> None:
    """And each of its conditions by itself, at its place."""
    both = n.And((more_than(25), n.Not(n.Any_(ORDER, within=days(7)))))
    found = ran.project.drafting.check("big", said(both))
    assert found.english == (
        "people whose spend is above 25 and with no 'Order Completed' in the last 7 days"
    )
    assert found.yaml.startswith("big:\n  node: segment\n")
    assert [part.path for part in found.parts] == ["predicate.parts[0]", "predicate.parts[1].of"]
    assert found.mistakes == []


def test_every_condition_that_is_wrong_is_told_at_its_place(ran: Shop) -> None:
    """All of them at once, with the nearest right name."""
    data = said(
        n.Or((more_than(1), n.Ref("spent"), n.Compare(">", n.Ref("mood"), n.Number(Decimal(3)))))
    )
    data["predicate"]["parts"].append({"node": "compare", "op": "=~"})
    found = ran.project.drafting.check("big", data)
    assert [(one.path, one.code) for one in found.mistakes] == [
        ("predicate.parts[1]", "definition.unknown_name"),
        ("predicate.parts[2]", "definition.wrong_type"),
        ("predicate.parts[3]", "definition"),
    ]
    assert "spend" in found.mistakes[0].hint
    assert (found.english, found.yaml) == ("", "")


@pytest.mark.parametrize(
    ("name", "data", "path"),
    [
        ("Big one", BIG, "name"),
        ("bought", BIG, "name"),
        ("big", {"node": "segment"}, ""),
        ("big", {"node": "segment", "predicate": {"node": "ref", "name": "big"}}, "predicate"),
        ("big", {**BIG, "purpose": "resale"}, ""),
        ("big", [], ""),
        ("big", {"node": "segment", "predicate": {"node": "and", "parts": []}}, "predicate"),
    ],
)
def test_whatever_else_is_wrong_is_told(ran: Shop, name: str, data: Any, path: str) -> None:
    """A name that is taken by a file, or that nothing can have; a cycle; an unknown purpose."""
    found = ran.project.drafting.check(name, data)
    assert found.mistakes
    assert path in [one.path for one in found.mistakes]


def test_conditions_without_end_are_refused(ran: Shop) -> None:
    """However deep a page nests them."""
    data: dict[str, Any] = {"node": "ref", "name": "active"}
    for _ in range(3_000):
        data = {"node": "not", "of": data}
    assert ran.project.drafting.check("deep", {"node": "segment", "predicate": data}).mistakes


def test_few_people_are_counted_exactly(ran: Shop) -> None:
    """Who is in, who of them may be used, and some of these with what the draft refers to."""
    count = ran.project.drafting.count("big", said(more_than(25), "marketing"))
    assert count.people == count.sample
    assert (count.holds.n, count.audience.n) == (2, 1)  # ann and cas; ann allowed it
    (ann,) = count.examples
    assert ann == {"profile": ran.person("ann"), "spend": Decimal("40.50")}


def test_who_refused_since_is_no_example(ran: Shop) -> None:
    """The count is of the last run's instant; a withdrawal counts at once for who is shown."""
    rows = "customer,when,purpose,granted\nann,2024-03-01T00:00:00Z,marketing,false\n"
    ran.now += days(1)
    ran.imported(rows, CONSENTS_MAPPING, "withdrawn")
    count = ran.project.drafting.count("big", said(more_than(25), "marketing"))
    assert (count.audience.n, count.examples) == (1, [])


def test_count_equals_the_next_run(ran: Shop) -> None:
    """Over traits and traits beside them, events, tiers, fitted values, and every aggregate."""
    predicates = {
        "a": more_than(15),
        "b": n.Compare(">=", n.Count(ORDER, within=days(40)), n.Number(Decimal(1))),
        "c": n.Compare("==", n.Ref("mood"), n.Words("new")),
        "d": n.And((n.Ref("active"), n.Not(n.Ref("best")))),
        "e": n.Compare(">", n.Age(n.Ref("last_order_at")), n.Length(days(10))),
        "f": n.Compare("==", n.QuantileRank(n.Ref("orders"), 2), n.Number(Decimal(2))),
        "g": n.Compare(">", n.Ref("rank"), n.Ref("usual")),
        **BESIDES,
    }
    drafting = ran.project.drafting
    counts = {name: drafting.count(name, said(one)).holds.n for name, one in predicates.items()}
    for name, one in predicates.items():
        drafting.save(name, said(one))
    ran.project.run("2024-03-01")
    sizes = {group.name: group.sizes[0].holds for group in ran.project.segments.report().groups}
    assert counts == {name: sizes[name] for name in predicates}


def test_only_a_segment_has_people(ran: Shop) -> None:
    """A trait is no question of how many."""
    with pytest.raises(WrongType):
        ran.project.drafting.count("twice", to_data(Trait(n.Ref("orders"))))
    with pytest.raises(DefinitionErrors):
        ran.project.drafting.count("big", {"node": "segment"})


def test_preview_tells_who_would_enter_and_leave(ran: Shop) -> None:
    """By the draft alone; nothing is written, and the files' own definitions stay."""
    drafting = ran.project.drafting
    drafting.save("big", BIG)
    ran.project.run("2024-03-01")
    seen = drafting.preview("big", said(more_than(15), "marketing"))
    (effect,) = seen.effects
    assert (effect.name, effect.before, effect.after, effect.entered) == ("big", 2, 3, 1)
    assert [(one.name, one.change) for one in seen.differences] == [("big", "changed")]
    assert ran.project.preview().effects == []


def test_preview_names_no_more_people_than_are_asked_for(ran: Shop) -> None:
    """Of each entrance and exit, those who may be used; the effect counts everybody."""
    drafting = ran.project.drafting
    every, one = (drafting.preview("big", said(more_than(0)), most) for most in (None, 1))
    assert len(every.movers) == every.effects[0].entered == 4
    assert one.movers == every.movers[:1]
    assert one.effects == every.effects


def test_saved_definition_is_a_file_with_its_reason_and_makes_a_version(ran: Shop) -> None:
    """The next run has it; the version tells who saved it and why."""
    drafting = ran.project.drafting
    first = drafting.save("big", BIG, note="for the autumn", author="ann")
    assert (first.file, first.difference and first.difference.change) == (
        "definitions/big.yaml", "added",
    )  # fmt: skip
    again = drafting.save("big", said(more_than(15)), note="more\nof them", edition=first.edition)
    text = (ran.folder / first.file).read_text("utf-8").splitlines()
    assert text[0] == "# Saved at 2024-03-01T00:00:00Z: more of them"
    assert text[1] == "# Saved by ann at 2024-03-01T00:00:00Z: for the autumn"
    assert again.difference is not None
    assert (again.difference.change, again.difference.old) == (
        "changed", "people whose spend is above 25",
    )  # fmt: skip
    ran.project.run("2024-03-01")
    last = ran.project.versions().versions[-1]
    assert (last.note, [one.name for one in last.differences]) == ("more of them", ["big"])


def test_opened_definition_can_be_saved_over_only_as_it_was_opened(ran: Shop) -> None:
    """What somebody else saved meanwhile is not lost, and Python is never written over."""
    drafting = ran.project.drafting
    drafting.save("big", BIG)
    opened = drafting.opened("big")
    assert (opened.definition, opened.elsewhere) == (BIG, "")
    drafting.save("big", said(more_than(15)), edition=opened.edition)
    with pytest.raises(Moved):
        drafting.save("big", said(more_than(5)), edition=opened.edition)
    assert drafting.opened("big").definition == said(more_than(15))
    assert drafting.opened("bought").elsewhere == "definitions.py:9"
    with pytest.raises(DefinitionErrors):
        drafting.save("bought", BIG)


def test_file_with_several_definitions_is_not_written_over(ran: Shop) -> None:
    """It is somebody's own, though its name is one of the builder's."""
    drafting = ran.project.drafting
    drafting.save("big", BIG)
    path = ran.folder / "definitions" / "big.yaml"
    path.write_text(path.read_text() + path.read_text().replace("big:", "great:"))
    assert drafting.opened("big").elsewhere.startswith("definitions/big.yaml:")
    assert [one.path for one in drafting.check("big", BIG).mistakes] == ["name"]


def test_vocabulary_tells_types_and_options(ran: Shop) -> None:
    """What conditions may speak of; stages with their options, events with their properties."""
    found = ran.project.drafting.vocabulary()
    kinds = {one.name: one.type for one in found.traits}
    assert kinds == {
        "orders": "integer", "spend": "decimal", "last_order_at": "instant", "rank": "integer",
        "usual": "decimal", "bought": "segment", "active": "segment", "best": "segment",
        "mood": "stages",
    } | {k: v for k, v in kinds.items() if k == "usual"}  # fmt: skip
    (mood,) = [one for one in found.traits if one.name == "mood"]
    assert mood.options == ["new", "regular", "none"]
    assert "Order Completed" in [event.name for event in found.events]
    assert found.purposes == {"analytics": "legitimate_interest", "marketing": "consent"}


def test_vocabulary_tells_what_lists_hold_and_which_sums_fade(ran: Shop) -> None:
    """A list is asked for one of its values, and a fading sum for none exactly."""
    latest = Trait(n.Values(ORDER, value=AMOUNT, limit=3))
    faded = Trait(n.Decayed(ORDER, half_life=days(7)))
    ran.project.drafting.save("latest", to_data(latest))
    ran.project.drafting.save("faded", to_data(faded))
    found = {one.name: (one.type, one.of) for one in ran.project.drafting.vocabulary().traits}
    assert (found["latest"], found["faded"]) == (("list", "decimal"), ("fading", ""))


def test_known_values_are_counted_and_personal_ones_are_not_told(ran: Shop) -> None:
    """Of stages by people, of properties by events."""
    drafting = ran.project.drafting
    moods = {one.value: one.n for one in drafting.values(trait="mood")}
    assert moods == {"new": 3, "regular": 1} | {k: n for k, n in moods.items() if k == "none"}
    purposes = drafting.values(event="Consent Updated", name="purpose")
    assert [(one.value, one.n) for one in purposes] == [("marketing", 3)]
    assert drafting.values(trait="spend") == []


def test_many_people_are_counted_by_a_sample_that_says_how_sure_it_is(
    ran: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of them; all or none of a sample may be any more, and everybody may be asked for."""
    rows = [f"c{i},2024-02-20T10:00:00Z,o{i},{10 + i % 2}" for i in range(400)]
    ran.imported("\n".join(["customer,when,order,amount", *rows]), name="crowd")
    ran.project.run("2024-03-01")
    monkeypatch.setattr(counting, "FEW", 10)
    monkeypatch.setattr(counting, "FIRST", 100)
    drafting = Drafting(ran.project, seconds=iter(range(100)).__next__)
    all_, none, half = (
        drafting.count("big", said(one)) for one in (more_than(0), more_than(10_000), more_than(10))
    )
    assert 50 < all_.sample == none.sample == half.sample < 150 < all_.people
    assert all_.sample < all_.holds.low < all_.holds.n == all_.holds.high == all_.people
    assert (none.holds.low, none.holds.n, none.examples) == (0, 0, [])
    assert none.holds.high > 0
    every = drafting.count("big", said(more_than(10)), everybody=True)
    assert every.sample == every.people
    assert every.holds.low == every.holds.n == every.holds.high
    assert abs(half.holds.n - every.holds.n) < 3 * (half.holds.high - half.holds.low)
