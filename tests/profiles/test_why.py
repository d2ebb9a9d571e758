"""Why: every stated fact is acted on, and must turn out as stated."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie import case, days, event, hours, minutes, segment, stages, tiers, trait
from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Fact, evaluate
from coterie.errors import UnknownName
from coterie.language.authoring import quantile_rank
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import DAY, micros, parse_instant
from coterie.privacy.consent import PLANNED, purposes
from coterie.profiles.why import as_text, explain

HOUR = 3_600_000_000
MONEY = {"revenue": Property(type="decimal", scale=2), "category": Property(type="text")}
PLAN = TrackingPlan(
    events={
        "Order Completed": PlannedEvent(properties=MONEY),
        "Product Added": PlannedEvent(),
        "page": PlannedEvent(),
        "Consent Updated": PLANNED,
    }
)
BASES = {"analytics": "legitimate_interest", "marketing": "consent"}


def library() -> Library:
    order, cart, page = event("Order Completed"), event("Product Added"), event("page")
    orders_30d = trait(order.count(within=days(30)))
    spend = trait(order.sum("revenue"))
    rank = trait(quantile_rank(spend, 3))
    visits = trait(page.sessions(gap=minutes(30)).count(within=days(7)))
    vip = segment((orders_30d >= 2) & (spend > 50), purpose="marketing")
    lapsed = segment(order.last_at().age() > days(10))
    hesitant = segment(
        cart.without(order, within=hours(2)).any(within=hours(24))
        & ~order.any(since=cart.last_at())
    )
    keen = segment((page | cart).decayed(half_life=days(2)) > 1.5)
    settled = segment(order.first_at().age(step=days(1)) * 2 >= 9)
    busy = segment((visits >= 2) | ~vip)
    top = segment(rank >= 3)
    lifecycle = stages({"new": order.first_at().age() <= days(5), "loyal": vip}, otherwise="other")
    loyalty = tiers({"gold": spend > 100, "silver": spend > 20}, otherwise="bronze")
    at_least_silver = segment(loyalty >= "silver")
    odd = segment(case((spend > 50, orders_30d > 1), otherwise=page.any(within=days(1))))
    found = {key: value for key, value in locals().items() if key not in ("order", "cart", "page")}
    definitions = named(found)
    definitions.merge(purposes(BASES, PLAN))
    return Library(definitions, PLAN, BASES, "analytics")


LIBRARY = library()
FITS = Fits([Fit(key, 0, -(10**9), {"edges": [2000, 6000]}) for key in LIBRARY.fitted()])
SEGMENTS = LIBRARY.segments
STAGES = ("lifecycle.new", "lifecycle.loyal", "lifecycle.other", "loyalty.gold", "loyalty.bronze")


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 24 * 40),
                st.sampled_from(["Order Completed", "Product Added", "page"]),
                st.sampled_from([None, 0, 1500, 5001, 9900]),
            ),
            max_size=10,
        )
    )
    return [
        Fact(bytes([i] * 16), name, hour * HOUR, i + 1,
             values={"revenue": revenue} if name == "Order Completed" else {})
        for i, (hour, name, revenue) in enumerate(rows)
    ]  # fmt: skip


instants = st.integers(0, 24 * 60).map(lambda hour: hour * HOUR)


def holds(name: str, history: list[Fact], t: int) -> object:
    name, _, stage = name.partition(".")
    value = evaluate(LIBRARY, [name], history, 100, t, FITS)[name]
    return value == stage if stage else value


def until(history: list[Fact], t: int) -> list[Fact]:
    return [fact for fact in history if fact.at <= t]


@given(histories(), instants, st.sampled_from([*SEGMENTS, *STAGES]))
def test_the_next_change_flips_at_that_instant_and_not_a_microsecond_before(
    history: list[Fact], t: int, name: str
) -> None:
    """Nothing changes before the stated instant, and everything is otherwise at it."""
    answer = explain(LIBRARY, name, history, 100, t, FITS)
    known = until(history, t)
    now = holds(name, known, t)
    if answer.next_change is None:
        for later in (t + HOUR, t + 3 * DAY, t + 45 * DAY, t + 400 * DAY):
            assert holds(name, known, later) == now
        return
    change = micros(parse_instant(answer.next_change))
    assert holds(name, known, change) != now
    assert holds(name, known, change - 1) == now
    for share in (3, 5, 7):
        assert holds(name, known, t + (change - 1 - t) // share) == now


@given(histories(), instants, st.sampled_from([*SEGMENTS, *STAGES]))
def test_since_is_the_instant_from_which_it_has_been_so(
    history: list[Fact], t: int, name: str
) -> None:
    """At the stated instant it is as now, a microsecond before it was otherwise."""
    answer = explain(LIBRARY, name, history, 100, t, FITS)
    now = holds(name, history, t)
    start = 0 if answer.since is None else micros(parse_instant(answer.since))
    if answer.since is not None:
        assert holds(name, history, start - 1) != now
    for moment in {start, *(f.at for f in history), *(f.at - 1 for f in history), t}:
        if start <= moment <= t:
            assert holds(name, history, moment) == now


@given(histories(), instants)
def test_orders_that_are_said_to_be_missing_bring_the_person_in(
    history: list[Fact], t: int
) -> None:
    """Adding the events that the stated difference asks for flips the membership."""
    answer = explain(LIBRARY, "vip", history, 100, t, FITS)
    if answer.holds:
        return
    assert answer.difference is not None
    needed = {item.text: item for item in answer.difference}
    count = int(needed["orders_30d"].needed) - int(needed["orders_30d"].now) if (
        "orders_30d" in needed) else 0  # fmt: skip
    more = 0
    if "spend" in needed:
        now = 0.0 if needed["spend"].now == "unknown" else float(needed["spend"].now)
        more = round((float(needed["spend"].needed) - now) * 100)
    extra = [
        Fact(bytes([100 + i] * 16), "Order Completed", t, 50 + i,
             values={"revenue": more if i == 0 else 0})
        for i in range(max(count, 1 if more else 0))
    ]  # fmt: skip
    assert holds("vip", [*history, *extra], t) is True


@given(histories(), instants, st.sampled_from([*SEGMENTS, *STAGES]))
def test_every_membership_can_be_read_as_text_and_json(
    history: list[Fact], t: int, name: str
) -> None:
    """The answer, its reason and its value agree in both forms."""
    answer = explain(LIBRARY, name, history, 100, t, FITS)
    assert answer.holds == holds(name, history, t)
    assert as_text(answer).startswith(f"{'in' if answer.holds else 'not in'} {name} at ")
    assert msgspec.json.decode(msgspec.json.encode(answer))["name"] == name


def test_consent_is_told_beside_the_membership() -> None:
    """A person who holds but did not consent is not in the audience, and is told so."""
    orders = [Fact(bytes([i] * 16), "Order Completed", i * HOUR, i, values={"revenue": 9900})
              for i in (1, 2)]  # fmt: skip
    answer = explain(LIBRARY, "vip", orders, 100, DAY, FITS)
    assert (answer.holds, answer.may, answer.purpose) == (True, False, "marketing")
    assert "may not be used for marketing" in as_text(answer)
    yes = Fact(b"c" * 16, "Consent Updated", 3 * HOUR, 3,
               values={"purpose": "marketing", "granted": True})  # fmt: skip
    assert explain(LIBRARY, "vip", [*orders, yes], 100, DAY, FITS).may is True


def test_evidence_names_the_events_that_decided() -> None:
    """Each aggregate lists the events in its window, and only those."""
    orders = [Fact(bytes([i] * 16), "Order Completed", i * DAY, i, values={"revenue": 100})
              for i in (1, 35)]  # fmt: skip
    answer = explain(LIBRARY, "vip", orders, 100, 36 * DAY, FITS)
    counted = next(c for c in _all(answer.clauses) if c.n_events is not None)
    assert counted.n_events == 1
    assert [e.at for e in counted.events] == ["1970-02-05T00:00:00Z"]


def test_an_unknown_stage_is_answered_with_the_nearest() -> None:
    """A stage that does not exist is refused with the name most like it."""
    with pytest.raises(UnknownName, match="no stage") as caught:
        explain(LIBRARY, "lifecycle.loyol", [], 100, 0, FITS)
    assert "loyal" in caught.value.hint


def test_a_fit_made_for_the_question_is_said_to_be() -> None:
    """A version that the project does not keep is marked as used for this answer only."""
    assert "for this answer only" in as_text(explain(LIBRARY, "top", [], 100, 0, FITS))


def _all(clause):  # type: ignore[no-untyped-def]
    yield clause
    for part in clause.parts:
        yield from _all(part)
