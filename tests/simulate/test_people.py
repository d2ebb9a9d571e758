"""People: personas that can be told apart, devices that become known, consents that count."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest

from coterie.language.events import Event
from coterie.simulate import Shop, simulate

DAY = 86_400_000_000
Truth = list[dict[str, Any]]
SHARES = {
    "wholesaler": 0.001, "loyal": 0.14, "bargain hunter": 0.2, "gift buyer": 0.1, "everyday": 0.18,
    "newcomer": 0.08, "window shopper": 0.15, "prospect": 0.1, "visitor": 0.049,
}  # fmt: skip


@pytest.fixture(scope="module")
def by_persona(histories: list[list[Event]], truth: Truth) -> dict[str, list[list[Event]]]:
    found: dict[str, list[list[Event]]] = defaultdict(list)
    for history, row in zip(histories, truth, strict=True):
        found[row["persona"]].append(history)
    return found


def of(histories: list[list[Event]], name: str) -> list[Event]:
    return [event for history in histories for event in history if event.name == name]


def test_every_thousand_people_has_the_personas_in_their_shares(truth: Truth) -> None:
    """Shares are exact, so no segment of a small shop is empty by bad luck."""
    for start in range(0, len(truth), 1_000):
        counted = Counter(row["persona"] for row in truth[start : start + 1_000])
        assert counted == {name: round(share * 1_000) for name, share in SHARES.items()}


def test_window_shoppers_prospects_and_visitors_never_buy(
    by_persona: dict[str, list[list[Event]]],
) -> None:
    """They look, and window shoppers fill carts, but nobody of them has an order."""
    for name in ("window shopper", "prospect", "visitor"):
        assert not of(by_persona[name], "Order Completed")
    assert of(by_persona["window shopper"], "Product Added")


def test_personas_differ_in_what_can_be_observed(
    by_persona: dict[str, list[list[Event]]],
) -> None:
    """Loyal people order more, bargain hunters use coupons, gift buyers buy gifts."""

    def orders(name: str) -> list[Event]:
        return of(by_persona[name], "Order Completed")

    def coupons(name: str) -> float:
        return sum("coupon" in order.properties for order in orders(name)) / len(orders(name))

    def gifts(name: str) -> float:
        lines = [line for order in orders(name) for line in order.properties["products"]]
        return sum(line["category"] == "Gifts" for line in lines) / len(lines)

    def each(name: str) -> float:
        return len(orders(name)) / len(by_persona[name])

    assert each("loyal") > 2 * each("everyday")
    assert coupons("bargain hunter") > 0.6 > 0.15 > coupons("everyday")
    assert gifts("gift buyer") > 0.4 > 0.2 > gifts("everyday")


def test_newcomers_have_come_in_the_last_weeks(
    shop: Shop, by_persona: dict[str, list[list[Event]]]
) -> None:
    """A newcomer's first event is less than 50 days old, and no other buyer's is."""
    latest = shop.parameters.until - 50 * DAY
    assert all(history[0].occurred_at > latest for history in by_persona["newcomer"])
    assert all(history[0].occurred_at < latest + 6 * DAY for history in by_persona["loyal"])


def test_every_device_of_somebody_known_is_identified(
    histories: list[list[Event]], truth: Truth
) -> None:
    """Each device is anonymous at first; an identify event then carries both identifiers."""
    several = 0
    for history, row in zip(histories, truth, strict=True):
        linked: set[str] = set()
        for event in history:
            if event.name == "identify" and event.anonymous_id:
                linked.add(event.anonymous_id)
        assert linked == (set(row["anonymous_ids"]) if row["user_id"] else set())
        assert row["n_devices"] == len(row["anonymous_ids"]) > 0
        several += row["n_devices"] > 1
    assert several > len(truth) / 4


def test_devices_have_a_past_before_they_are_identified(histories: list[list[Event]]) -> None:
    """Whoever signs up was there anonymously before, on the same device."""
    for history in histories:
        if any(event.user_id for event in history):
            assert history[0].user_id is None
            assert history[0].anonymous_id is not None


def test_identities_belong_to_one_person(events: list[Event], owner: dict[str, int]) -> None:
    """No event carries the identifiers of two people, and none carries nobody's."""
    for event in events:
        ids = [i for i in (event.user_id, event.anonymous_id) if i is not None]
        assert len({owner[i] for i in ids}) == 1


def test_consent_at_the_end_is_the_last_that_was_said(
    histories: list[list[Event]], truth: Truth
) -> None:
    """The truth's consent and its count are those of the events; some was withdrawn."""
    withdrawn = 0
    for history, row in zip(histories, truth, strict=True):
        said = [e.properties["granted"] for e in history if e.name == "Consent Updated"]
        assert len(said) == row["n_consents"]
        assert row["marketing_consent"] == (bool(said) and said[-1])
        withdrawn += any(before and not after for before, after in pairwise(said))
    assert 0.02 < withdrawn / len(truth) < 0.2
    assert 0.4 < sum(row["marketing_consent"] for row in truth) / len(truth) < 0.7


def test_letters_go_to_those_who_allowed_them(histories: list[list[Event]]) -> None:
    """A letter is delivered under a consent that holds; opens and clicks follow in that order."""
    for history in histories:
        allowed_until: float = 0
        reached: dict[tuple[str, str], int] = {}
        for event in history:
            if event.name == "Consent Updated":
                granted = event.properties["granted"]
                allowed_until = float("inf") if granted else event.occurred_at + DAY / 2
            if event.name == "Email Delivered":
                assert event.occurred_at <= allowed_until
            if event.name.startswith("Email"):
                letter = event.properties["campaign_id"]
                before = {"Email Opened": "Email Delivered", "Email Link Clicked": "Email Opened"}
                assert event.name == "Email Delivered" or (before[event.name], letter) in reached
                reached[event.name, letter] = event.occurred_at


def test_clicks_lead_to_a_visit(histories: list[list[Event]]) -> None:
    """Whoever follows a link is seen on the site at that instant."""
    for history in histories:
        pages = {event.occurred_at for event in history if event.name == "page"}
        clicks = [event for event in history if event.name == "Email Link Clicked"]
        assert all(click.occurred_at in pages for click in clicks)


def test_personal_facts_are_equal_wherever_they_are_said(histories: list[list[Event]]) -> None:
    """A person says the same name, address and country on every device; the plan may change."""
    plans: Counter[tuple[str, ...]] = Counter()
    for history in histories:
        said = [event.properties for event in history if event.name == "identify"]
        facts = {(p["email"], p["first_name"], p["last_name"], p["country"]) for p in said}
        assert len(facts) == bool(said)
        plans[tuple(dict.fromkeys(p["plan"] for p in said))] += 1
    assert set(plans) == {(), ("free",), ("free", "plus")}


def test_email_addresses_are_nobody_elses() -> None:
    """Every person of a shop has an address of their own."""
    shop = simulate(people=2_000, months=2)
    said = [e for batch in shop.events() for e in batch if e.name == "identify"]
    pairs = {(event.user_id, event.properties["email"]) for event in said}
    assert len(pairs) == len({email for _, email in pairs}) == len({user for user, _ in pairs})
