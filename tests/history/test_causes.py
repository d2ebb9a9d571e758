"""Each change record has the cause that made it, and the records still fold to what is there."""

from __future__ import annotations

import pytest

from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.privacy.consent import CONSENT, PLANNED
from coterie.profiles.asking import Asking
from tests.history.edits import WIDER, edited
from tests.project.shop import DEFINITIONS, MORE, Shop, at

ORDER = "Order Completed"
PLAN = TrackingPlan(
    events={
        ORDER: PlannedEvent(properties={"amount": Property(type="decimal", scale=2)}),
        CONSENT: PLANNED,
    }
)
UNFITTED = DEFINITIONS.partition("rank =")[0] + (
    'bought = segment(order.any(), purpose="marketing")\n'
    "active = segment(order.any(within=days(30)))\n"
)
Record = tuple[str, str, str, str]


def recorded(shop: Shop, *, stages: bool = False) -> list[Record]:
    """What the last run recorded: who, group, change, cause; everything folds to what is there."""
    stores, pseudonymiser = shop.project.stores, shop.project.pseudonymiser
    raw = {shop.person(one): one for one in ("ann", "bob", "cas", "dee", "eve", "zoe")}
    raw[pseudonymiser.anonymous("phone")] = "phone"
    last = shop.project.answers.last_run()
    rows = [row for row in stores.lake.read("changes").to_pylist() if row["offset"] == last.offset]
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    assert {row["at"] for row in rows} <= {rows[0]["at"]} if rows else True
    assert shop.folded() == shop.members()
    return [
        (raw[row["profile"]], row["segment"], row["change"], row["cause"])
        for row in rows
        if stages or not row["stage"]
    ]


def ordered(shop: Shop, message: str, when: str, **given: object) -> None:
    """Store an order as a website sends it."""
    said = Event(
        source="web", message_id=message, name=ORDER, occurred_at=at(when), received_at=at(when),
        properties={"amount": 5}, **given,  # type: ignore[arg-type]
    )  # fmt: skip
    assert shop.project.receive(PLAN, [[said]]).stored == 1


@pytest.fixture
def plain(months: Shop) -> Shop:
    """The shop without anything learned, run on 15 March."""
    edited(months, UNFITTED).project.run("2024-03-15")
    return months


def test_what_comes_late_is_told_from_what_the_clock_does(plain: Shop) -> None:
    """Eve's February order came in March: she was active at the former clock, and is no more."""
    plain.imported(MORE, name="more").project.run("2024-04-01")
    assert sorted(recorded(plain), key=lambda row: (row[3], row)) == [
        ("bob", "active", "entered", "late"), ("eve", "active", "entered", "late"),
        ("eve", "bought", "entered", "late"),
        ("bob", "active", "exited", "run"), ("cas", "active", "exited", "run"),
        ("dee", "active", "exited", "run"), ("eve", "active", "exited", "run"),
    ]  # fmt: skip


def test_event_at_the_former_clock_is_late_and_one_after_it_is_not(plain: Shop) -> None:
    """To the microsecond."""
    ordered(plain, "w1", "2024-03-15T00:00:00.000000Z", user_id="eve")
    ordered(plain, "w2", "2024-03-15T00:00:00.000001Z", user_id="zoe")
    plain.project.run("2024-03-16")
    causes = {(who, cause) for who, _, _, cause in recorded(plain)}
    assert causes == {("eve", "late"), ("zoe", "run")}


def test_late_event_that_replaces_one_moves_both_people(plain: Shop) -> None:
    """Dee's order was Zoe's: the correction came later, and is of the same day."""
    ordered(plain, "w1", "2024-03-15T00:00:00Z", user_id="eve")
    plain.project.run("2024-03-16")
    ordered(plain, "w2", "2024-03-15T00:00:00Z", user_id="zoe", supersedes="w1")
    plain.project.run("2024-03-16")
    assert sorted(recorded(plain)) == [
        ("eve", "active", "exited", "late"), ("eve", "bought", "exited", "late"),
        ("zoe", "active", "entered", "late"), ("zoe", "bought", "entered", "late"),
    ]  # fmt: skip


def test_what_joining_two_profiles_moves_is_a_merge(plain: Shop) -> None:
    """A device that had ordered turns out to be Eve's: it leaves, and she is in since then."""
    ordered(plain, "w1", "2024-03-14T00:00:00Z", anonymous_id="phone")
    plain.project.run("2024-03-15")
    assert {(who, cause) for who, _, _, cause in recorded(plain)} == {("phone", "late")}
    ordered(plain, "w2", "2024-03-15T12:00:00Z", anonymous_id="phone", user_id="eve")
    plain.project.run("2024-03-16")
    assert sorted(recorded(plain)) == [
        ("eve", "active", "entered", "merge"), ("eve", "bought", "entered", "merge"),
        ("phone", "active", "exited", "merge"), ("phone", "bought", "exited", "merge"),
    ]  # fmt: skip


def test_somebody_new_on_a_known_device_is_in_by_the_run(plain: Shop) -> None:
    """Nobody was there at the former clock, under either name."""
    ordered(plain, "w1", "2024-03-15T12:00:00Z", anonymous_id="phone", user_id="eve")
    plain.project.run("2024-03-16")
    assert {(who, cause) for who, _, _, cause in recorded(plain)} == {("eve", "run")}


RANKED = UNFITTED + "rank = trait(quantile_rank(spend, 2))\nupper = segment(rank == 2)\n"


def test_what_only_new_parameters_move_is_a_refit(months: Shop) -> None:
    """Two people who spend little lower the edge, and Bob is above it without having done a thing.

    Spent are 40.50 (Ann), 20 (Bob), 99.99 (Cas) and 5 (Dee), later 15 (Zoe) and 5 (Eve).
    """
    edited(months, RANKED).project.run("2024-03-15")
    upper = {who for who, group, *_ in recorded(months) if group == "upper"}
    assert upper == {"ann", "cas"}
    for i in range(3):
        ordered(months, f"z{i}", "2024-03-15T12:00:00Z", user_id="zoe")
    ordered(months, "e", "2024-03-15T12:00:00Z", user_id="eve")
    months.project.run("2024-03-16")
    moved = [row for row in recorded(months) if row[1] == "upper"]
    assert moved == [("bob", "upper", "entered", "refit")]


def test_nothing_is_a_refit_where_nothing_was_learnt_anew(months: Shop) -> None:
    """A run on the same facts, and one whose parameters came out as they were."""
    edited(months, RANKED).project.run("2024-03-15")
    months.project.run("2024-03-16")
    assert recorded(months) == []


def test_first_parameters_are_no_refit(months: Shop) -> None:
    """A new definition that learns is an edit at the former clock, and a run after it."""
    edited(months, UNFITTED).project.run("2024-03-15")
    edited(months, RANKED).project.run("2024-03-16")
    causes = {cause for _, group, _, cause in recorded(months) if group == "upper"}
    assert causes == {"edit"}


def test_edit_late_run_and_refit_come_in_their_order(months: Shop) -> None:
    """All of one run, and every stage of them is folded to what is there."""
    edited(months, WIDER).imported(MORE, name="more")
    months.project.run("2024-04-20")
    causes = [cause for *_, cause in recorded(months, stages=True)]
    assert list(dict.fromkeys(causes)) == ["edit", "late", "run", "refit"]
    assert causes == sorted(causes, key=["edit", "late", "run", "refit"].index)


def test_consent_moves_an_audience_and_no_membership(plain: Shop) -> None:
    """A membership is what holds; who may be used is asked beside it, so nothing is recorded."""
    before = plain.project.members("bought").audience
    properties = {"purpose": "marketing", "granted": False}
    said = Event(
        source="web", message_id="c", name=CONSENT, occurred_at=at("2024-03-14"),
        received_at=at("2024-03-14"), properties=properties, user_id="ann",
    )  # fmt: skip
    plain.project.receive(PLAN, [[said]])
    plain.project.run("2024-03-16")
    assert plain.project.members("bought").audience == before - 1
    assert [row for row in recorded(plain) if row[1] == "bought"] == []


def test_erasure_leaves_no_record_and_moves_others_by_new_parameters_only(months: Shop) -> None:
    """The person's records go with them; without Dee the edge rises, and Ann is not above it."""
    edited(months, RANKED).project.run("2024-03-15")
    months.project.erase("dee")
    assert months.folded() == months.members()
    months.project.run("2024-03-15")
    assert recorded(months) == [("ann", "upper", "exited", "refit")]


def test_a_run_without_late_events_and_new_parameters_asks_no_more_than_once(
    plain: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came late is asked only about those whom it may move."""
    asked: list[int] = []
    values = Asking.values

    def counted(self: Asking, names, spine, fits):  # type: ignore[no-untyped-def]
        asked.append(spine.num_rows)
        return values(self, names, spine, fits)

    monkeypatch.setattr(Asking, "values", counted)
    plain.project.run("2024-03-16")
    assert asked == [4]
    plain.imported(MORE, name="more").project.run("2024-03-17")
    assert asked == [4, 5, 2]
