"""One person: found by any of their ids, described, explained, erased."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coterie.errors import UnknownName, UnknownPerson
from coterie.language.events import Event
from tests.project.shop import DEFINITIONS, Shop, at


def test_person_is_found_by_raw_id_and_by_pseudonym(ran: Shop) -> None:
    """Who types the id as imported, as a spreadsheet spells it, or the pseudonym, sees the same."""
    pseudonym = ran.person("ann")
    assert ran.project.people.known("ann") == pseudonym
    assert ran.project.people.known(pseudonym) == pseudonym


def test_number_that_a_spreadsheet_spelt_is_found(shop: Shop) -> None:
    """`17.0` is `17`."""
    shop.imported("customer,when,order,amount\n17,2024-02-01T00:00:00Z,n1,1\n", name="numbers")
    assert shop.project.people.known("17.0") == shop.person("17")


def test_unknown_person_is_said_without_the_id(ran: Shop) -> None:
    """The error does not repeat what was typed: it may be personal."""
    with pytest.raises(UnknownPerson) as refused:
        ran.project.profile("somebody@example.org")
    assert "somebody" not in str(refused.value)


def test_device_leads_to_the_person_it_was_identified_with(shop: Shop) -> None:
    """An anonymous id is as good as the user's own, once one event carried both."""
    plan = shop.project.plan
    seen = [("phone", None), ("phone", "ann"), ("laptop", None)]
    events = [
        Event(source="web", message_id=str(i), name="Order Completed", received_at=0,
              occurred_at=at("2024-02-01") + i, anonymous_id=device, user_id=user)
        for i, (device, user) in enumerate(seen)
    ]  # fmt: skip
    shop.project.receive(plan, [events])
    shop.project.run("2024-03-01")
    people = shop.project.people
    assert people.known("phone") == shop.person("ann")
    assert people.known("laptop") == shop.project.pseudonymiser.anonymous("laptop")
    assert shop.project.profile("phone").traits["orders"] == 4


def test_profile_is_everything_known_then(ran: Shop) -> None:
    """Traits, memberships, permissions and the newest events as of the instant."""
    now, then = ran.project.profile("ann"), ran.project.profile("ann", "2024-01-15")
    assert (now.traits["spend"], then.traits["spend"]) == (Decimal("40.50"), Decimal("10.50"))
    assert [m.name for m in now.segments] == ["bought", "active"]
    assert [(m.name, m.stage) for m in now.stages] == [("mood", "regular")]
    assert now.permissions == {"analytics": True, "marketing": True}
    assert [e.at for e in now.timeline] == sorted((e.at for e in now.timeline), reverse=True)
    assert (now.n_events, then.n_events) == (3, 2)


def test_profile_shows_so_many_events(ran: Shop) -> None:
    """The newest ones, or none."""
    assert len(ran.project.profile("ann", events=1).timeline) == 1
    assert ran.project.profile("ann", events=0).timeline == []


def test_membership_says_whether_it_may_be_used(ran: Shop) -> None:
    """Bob is in `bought`, and has withdrawn his consent to marketing."""
    (bought,) = [m for m in ran.project.profile("bob").segments if m.name == "bought"]
    assert (bought.purpose, bought.may) == ("marketing", False)
    (before,) = [m for m in ran.project.profile("bob", "2024-01-25").segments if m.name == "bought"]
    assert before.may


def test_why_says_the_same_as_the_segment(ran: Shop) -> None:
    """For everybody, the explanation's membership is that of the state."""
    inside = set(ran.project.segments["best"].holds()["profile"])
    for raw in ("ann", "bob", "cas", "dee"):
        assert ran.project.why(raw, "best").holds is (ran.person(raw) in inside)


def test_why_of_the_past_says_which_fit_it_used(ran: Shop) -> None:
    """No fit was active in January, so one as of then is made, and said not to be kept."""
    fits = len(ran.project.stores.ledger.fits())
    assert [used.stored for used in ran.project.why("ann", "best", "2024-01-25").fits] == [False]
    assert [used.stored for used in ran.project.why("ann", "best").fits] == [True]
    assert len(ran.project.stores.ledger.fits()) == fits


def test_why_of_nothing_names_the_nearest(ran: Shop) -> None:
    """A slip of the pen is answered with the right name."""
    with pytest.raises(UnknownName) as refused:
        ran.project.why("ann", "bests")
    assert "best" in refused.value.hint


def test_erased_person_is_gone(ran: Shop) -> None:
    """Nobody of this id is known, the counts balance, and the search proves it."""
    report = ran.project.erase("ann")
    assert report.proven
    with pytest.raises(UnknownPerson):
        ran.project.profile("ann")
    status = ran.project.status()
    assert (status.erased, status.balanced) == (3, True)


def test_erasure_records_no_exit(ran: Shop) -> None:
    """The next run says nothing of the erased: their records went, and no new ones come."""
    ran.project.erase("dee")
    assert ran.folded() == ran.members()
    ran.project.run("2024-03-01")
    dee = ran.person("dee")
    assert not [m for m in ran.members() | ran.folded() if m[0] == dee]
    assert ran.folded() == ran.members()


def test_everybody_erased_leaves_an_empty_project(ran: Shop) -> None:
    """The last one out: readers see nobody, and the next run is one over nobody."""
    for raw in ("ann", "bob", "cas", "dee"):
        assert ran.project.erase(raw).proven
    assert ran.members() == ran.folded() == set()
    assert ran.project.segments.report().groups[0].sizes[0].holds == 0
    assert ran.project.run("2024-03-01").people == 0


def test_open_notebook_does_not_remember_the_erased(ran: Shop) -> None:
    """Another process erased a person; who asked before does not see them again."""
    assert len(ran.project.traits(["spend"], at="2024-03-01")) == 4
    with ran.open() as other:
        other.erase("ann")
    assert ran.person("ann") not in ran.project.traits(["spend"], at="2024-03-01")["profile"]
    assert ran.person("ann") not in ran.project.traits(["spend"])["profile"]


def test_erasing_needs_no_working_definitions(ran: Shop) -> None:
    """A slip in definitions.py does not stand between a person and their right."""
    ran.define(DEFINITIONS + "wrong = (\n")
    ran.project = ran.open()
    assert ran.project.erase("ann").proven


def test_fit_after_an_erasure_is_that_of_a_history_without_the_person(ran: Shop) -> None:
    """The edges learnt by the next run do not know the erased person."""
    ran.project.erase("cas")
    ran.project.run("2024-03-01")
    (key,) = ran.project.library.fitted(["rank"])
    spends = sorted([4050, 2000, 500])
    assert ran.project.stores.ledger.fits(key)[-1].parameters == {"edges": spends[:2]}
