"""One person for a page: as current as the log, and the same as every other answer says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from coterie.errors import ProjectError, UnknownName, UnknownPerson
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.profiles.beyond import Beyond
from coterie.project.persons.events import Eventful
from coterie.project.persons.one import One
from coterie.project.persons.reports import Kind
from coterie.storage.lake import Lake
from tests.project.shop import DEFINITIONS, Shop, at


def device(number: int, device: str | None, user: str | None, **more: str) -> Event:
    """An order of a device, of a user, or of both."""
    return Event(
        source="web", message_id=str(number), name="Order Completed", received_at=0,
        occurred_at=at("2024-02-20") + number, anonymous_id=device, user_id=user, **more,
    )  # fmt: skip


@pytest.mark.parametrize("raw", ["ann", "bob", "cas"])
def test_person_is_told_as_profile_tells_them(ran: Shop, raw: str) -> None:
    """Traits, memberships, permissions and the number of events are those of `coterie profile`."""
    page, told = ran.project.persons.one(raw).report(), ran.project.profile(raw)
    assert {each.name: each.value for each in page.traits} == told.traits
    held = [each for each in page.memberships if each.holds]
    assert [each.name for each in held if not each.stage] == [each.name for each in told.segments]
    assert [each.stage for each in held if each.stage] == [each.stage for each in told.stages]
    assert (page.permissions, page.n_events) == (told.permissions, told.n_events)


def test_person_as_of_an_instant_is_what_was_true_then(ran: Shop) -> None:
    """By what is known now; what was learnt only later is named."""
    then = at("2024-01-15")
    page, told = ran.project.persons.one("ann", then).report(), ran.project.profile("ann", then)
    plain = {"orders", "spend", "last_order_at"}
    assert {t.name: t.value for t in page.traits if t.name in plain} == {
        name: told.traits[name] for name in plain
    }
    assert set(page.learnt_after) == {"rank", "usual", "best"}
    assert ran.project.persons.one("ann").report().learnt_after == []


def test_traits_say_how_they_came_to_be(shop: Shop) -> None:
    """Declared, counted, derived or fitted: there is no fifth kind."""
    shop.define(
        DEFINITIONS + 'more = trait(orders + 1)\ncity = trait(event("identify").last("city"))\n'
    )
    with (shop.folder / "tracking_plan" / "more.toml").open("w") as file:
        file.write('version = 1\n[events.identify.properties]\ncity = { type = "text" }\n')
    shop.project.reload()
    shop.project.run("2024-03-01")
    found = {t.name: t.kind for t in shop.project.persons.one("ann").report().traits}
    kinds: dict[str, Kind] = {
        "orders": "counted", "spend": "counted", "more": "derived", "city": "declared",
        "rank": "fitted", "usual": "fitted",
    }  # fmt: skip
    assert {name: found[name] for name in kinds} == kinds


def test_coming_is_what_why_says(ran: Shop) -> None:
    """Since when a membership is so, and the exact instant at which time alone ends it."""
    one = ran.project.persons.one("ann")
    coming = {each.name: each for each in one.coming()}
    why = one.why("active")
    assert coming["active"].holds
    assert (coming["active"].since, coming["active"].until) == (why.since, why.until)
    assert why.until == datetime(2024, 3, 11, 10, tzinfo=UTC)
    assert (coming["best"].holds, coming["best"].since) == (False, None)


def test_coming_says_where_one_stopped_looking(ran: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whoever has more events than can be looked through a bound is told, and is true."""
    whole = {each.name: each for each in ran.project.persons.one("ann").coming()}
    monkeypatch.setattr("coterie.project.persons.one.MOST", 0)
    few = {each.name: each for each in ran.project.persons.one("ann").coming()}
    since, until = few["active"].since, few["active"].until
    assert (few["active"].since_exact, few["active"].until_exact) == (False, False)
    assert since is not None
    assert until is not None
    assert (whole["active"].since or since) <= since <= until <= (whole["active"].until or until)


def test_why_names_the_evidence_and_the_nearest_way(ran: Shop) -> None:
    """The events that a part rests on, newest first; and what it would take to leave."""
    why = ran.project.persons.one("ann").why("active")
    part = why.because.parts[0]
    assert [each.name for each in part.events] == ["Order Completed"]
    assert (why.holds, part.n_events) == (True, 1)
    assert why.difference is not None


def test_timeline_is_grouped_by_sessions_and_filtered_within_them(ran: Shop) -> None:
    """Half an hour without anything ends a session; a filter leaves sessions as they are."""
    one = ran.project.persons.one("ann")
    story = one.story()
    assert story.n == sum(session.n for session in story.sessions)
    assert [s.started for s in story.sessions] == sorted(
        (s.started for s in story.sessions), reverse=True
    )
    orders = one.story("Order Completed")
    assert [[e.name for e in s.entries] for s in orders.sessions] == [["Order Completed"]] * 2
    changes = one.story("changes")
    assert {e.kind for s in changes.sessions for e in s.entries} == {"entered"}


def test_timeline_has_pages(ran: Shop) -> None:
    """Every entry is on one of them, and a page beyond the last is the last."""
    one = ran.project.persons.one("ann")
    whole = [e for s in one.story().sessions for e in s.entries]
    pages = [one.story(page=page, most=2) for page in range(1, one.story(most=2).pages + 1)]
    assert [e for page in pages for s in page.sessions for e in s.entries] == whole
    assert one.story(page=99, most=2).page == pages[-1].page


def test_timeline_of_a_person_with_very_many_events_is_read_page_by_page(
    ran: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told is what they did; what events said is read of those that are shown alone."""
    n, first = 20_000, at("2023-01-01")
    events = [
        Event(
            source="web", message_id=f"b{i}", name="page", user_id="busy", received_at=0,
            occurred_at=first + i * 60_000_000 + i // 100 * 3_600_000_000,
            properties={"number": i},
        )
        for i in range(n)
    ]  # fmt: skip
    ran.project.receive(TrackingPlan(), [events])
    ran.project.run("2024-03-02")
    one, read = ran.project.persons.one("busy"), []

    def counted(*asked: object, **more: Any) -> pa.Table:
        found = Lake.histories(ran.project.stores.lake, *asked, **more)  # type: ignore[arg-type]
        read.append(found.num_rows)
        return found

    monkeypatch.setattr(ran.project.stores.lake, "histories", counted)
    newest, last = one.story("page"), one.story("page", page=n // 50)
    told = [e.properties["number"] for page in (newest, last) for s in page.sessions
            for e in s.entries]  # fmt: skip
    assert told == [*range(n - 1, n - 51, -1), *range(49, -1, -1)]
    assert (newest.n, newest.pages, last.page) == (n, n // 50, n // 50)
    assert [s.n for s in newest.sessions] == [s.n for s in last.sessions] == [100]
    assert sum(read) == 100


def test_person_with_too_many_events_is_looked_at_by_no_engine(ran: Shop) -> None:
    """Their timeline is told all the same; with time enough so is the rest."""
    persons = ran.project.persons
    persons.most = 1
    assert persons.one("ann").story().n > 0
    for question in (One.report, One.coming, lambda one: one.why("active")):
        with pytest.raises(Eventful):
            question(persons.one("ann"))
    assert persons.one("dee").report().n_events == 1
    persons.most = None
    assert persons.one("ann").report().n_events > 1


def test_timeline_as_of_an_instant_ends_there(ran: Shop) -> None:
    """Neither events nor records after it are told."""
    story = ran.project.persons.one("ann", at("2024-01-15")).story()
    assert story.n == 2
    assert max(s.ended for s in story.sessions) < datetime(2024, 1, 15, tzinfo=UTC)


def test_people_are_found_by_any_id(ran: Shop) -> None:
    """A raw id, a device's, a pseudonym; nobody gives nothing."""
    persons, ann = ran.project.persons, ran.person("ann")
    assert [each.profile for each in persons.find("ann")] == [ann]
    assert [each.profile for each in persons.find(ann)] == [ann]
    assert persons.find("nobody") == []
    with pytest.raises(UnknownPerson):
        persons.one("nobody")


def test_unknown_name_is_refused(ran: Shop) -> None:
    """As `coterie why` does."""
    with pytest.raises(UnknownName):
        ran.project.persons.one("ann").why("nothing")


def test_nothing_is_told_before_anything_was_computed(shop: Shop) -> None:
    """There is no position to be true at."""
    with pytest.raises(ProjectError, match="nothing has been computed"):
        shop.project.persons.one("ann")


def test_event_that_only_the_log_has_is_known(ran: Shop) -> None:
    """It is counted for whom it belongs to, once, before and after the lake has it."""
    log, lake, _ = ran.project.stores
    ann, phone = ran.person("ann"), ran.project.pseudonymiser.anonymous("phone")
    before = ran.project.persons.find("ann")[0].n_events
    log.append_events([device(1, phone, None), device(2, phone, ann), device(3, "tablet", None)])
    assert [each.n_events for each in ran.project.persons.find("phone")] == [before + 2]
    lake.flush(log, ran.project.plan)
    assert [each.n_events for each in ran.project.persons.find("phone")] == [before + 2]


def test_log_beyond_the_lake_is_let_go_of_once_it_is_held(shop: Shop) -> None:
    """What it says of identities and of superseded facts goes with it."""
    log, lake, _ = shop.project.stores
    lake.flush(log, shop.project.plan)
    beyond = Beyond(log, lake)
    first = device(1, "phone", None)
    log.append_events([first, device(2, "phone", "somebody", supersedes="1")])
    beyond.look()
    assert (beyond.n_kept, beyond.links) == (2, {"phone": "somebody"})
    assert beyond.superseded == {first.key: log.end()}
    assert [event.message_id for _, event in beyond.of({"phone"})] == ["1"]
    lake.flush(log, TrackingPlan())
    beyond.look()
    assert (beyond.n_kept, beyond.links, beyond.superseded) == (0, {}, {})


def test_erased_person_is_nowhere(ran: Shop) -> None:
    """Not even in what was read of the log before."""
    ann = ran.person("ann")
    ran.project.stores.log.append_events([device(1, None, ann)])
    assert ran.project.persons.find("ann") != []
    ran.project.erase("ann")
    assert ran.project.persons.find("ann") == []
