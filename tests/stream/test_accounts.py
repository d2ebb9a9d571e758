"""What an engine says of itself: reasons, what live events reached, sizes, refusals."""

from __future__ import annotations

import pytest

from coterie import hours, segment, stages, trait
from coterie.engines.stream import StreamEngine
from coterie.errors import ClockError, StoreError
from tests.conformance.case import at, cart, order, view
from tests.stream.host import Host, Manner
from tests.stream.shop import Log, library

n_orders = trait(order.count())
active = segment(order.any(within=hours(2)))
hesitant = segment(cart.without(order, within=hours(1)).any(within=hours(3)))


def reasons(host: Host) -> list[tuple[str, str, str]]:
    """Segment, cause and reason of every change."""
    return [(change.segment, change.cause, change.reason) for change in host.changes]


def test_a_change_names_the_event_or_the_definition_whose_deadline_it_was() -> None:
    """An event's name; by time alone the definition that became due; else nothing."""
    late = segment(order.last_at().age() > hours(4))
    log = Log(n=n_orders, active=active, late=late, old=segment(order.first_at().age() > hours(9)))
    log.event("Order", at(0)).tick(at(9, 1)).event("Order", at(9), "bob").tick(at(9, 1))
    assert reasons(log.followed()) == [
        ("active", "event", "Order"), ("active", "time", "active"), ("late", "time", "late"),
        ("old", "time", "old"), ("active", "late", ""),
    ]  # fmt: skip


def test_a_stage_names_what_it_rests_on() -> None:
    """A deadline of another definition is the reason for those that refer to it."""
    life = stages({"here": active}, otherwise="gone")
    host = Log(active=active, life=life).event("Order", at(0)).tick(at(9)).followed()
    assert {reason for _, cause, reason in reasons(host) if cause == "time"} == {"active"}


def test_only_live_events_are_counted_as_reached() -> None:
    """History, late events and rebuilding reach nothing; each definition counts people."""
    defined = {"n_orders": n_orders, "active": active, "hesitant": hesitant}
    log = Log(**defined, views=trait(view.count()), same=segment(n_orders > 1))
    log.event("Order", at(0)).event("Cart", at(0)).tick(at(1))  # history
    log.event("Order", at(0.5)).merge("bob", "ann")  # late, and rebuilt
    log.event("Order", at(3)).event("Order", at(4)).event("Cart", at(5)).tick(at(9))
    host = Host(log.story(), 3)
    assert set(host.engine.reached().values()) == {0}
    host.finish()
    reached = host.engine.reached()
    assert reached["n_orders"] == reached["same"] == reached["active"] == 1
    assert reached["hesitant"] == 1
    assert reached["views"] == 0


def test_whoever_is_rebuilt_was_reached_no_more() -> None:
    """What then is compared with SQL came out of SQL; others, and later events, count."""
    log = Log(n_orders=n_orders).tick(at(0))
    log.event("Order", at(1), "ann").event("Order", at(1), "bob").tick(at(2))
    for late, left in (("ann", 1), ("bob", 0)):
        log.event("Order", at(1.5), late).tick(at(3))
        assert log.followed().engine.reached() == {"n_orders": left}
    log.event("Order", at(4), "bob").tick(at(5))
    assert log.followed().engine.reached() == {"n_orders": 1}


def test_an_edit_keeps_what_was_reached() -> None:
    """Of what goes on; what is new came out of history, whatever number it has."""
    log = Log(n_orders=n_orders, views=trait(view.count())).tick(at(0))
    log.event("Order", at(1), "ann").event("View", at(1), "bob").event("View", at(1)).tick(at(2))
    assert log.followed().engine.reached() == {"n_orders": 1, "views": 2}
    log.edit(kilos=trait(order.sum("weight")), views=trait(view.count())).tick(at(3))
    assert log.followed().engine.reached() == {"kilos": 0, "views": 2}


@pytest.mark.parametrize("manner", [Manner(3, batched=True), Manner(4, partitions=4)], ids=str)
def test_what_was_reached_does_not_depend_on_the_host(manner: Manner) -> None:
    """Counts are of people, not of calls."""
    log = Log(n_orders=n_orders, hesitant=hesitant)
    for i in range(12):
        log.event("Order" if i % 3 else "Cart", at(i / 2 + 0.1), f"p{i % 5}")
    log.tick(at(3)).tick(at(9))
    reached = Host(log.story()).finish().engine.reached()
    assert reached == Host(log.story(), 0, manner).finish().engine.reached()
    assert min(reached.values()) > 0


def test_sizes_count_people_and_what_waits() -> None:
    """Everyone with an event by the clock; events ahead of it; people with a deadline."""
    log = Log(active=active).event("Order", at(0)).event("Order", at(0), "bob")
    log.event("Order", at(5), "bob").event("Order", at(6), "cid").tick(at(1))
    host = log.followed()
    sizes = host.engine.sizes()
    assert (sizes["people"], sizes["waiting"], sizes["due"]) == (2, 2, 2)
    assert sizes["bytes_per_person"] == sizes["bytes"] // 2 > 0
    host.engine.advance(at(20), offset=9)
    sizes = host.engine.sizes()
    assert (sizes["people"], sizes["waiting"], sizes["due"]) == (3, 0, 0)


def test_what_waits_is_not_doubled_by_an_edit() -> None:
    """Events that nobody read wait as well, and once when an edit reads them."""
    log = Log(views=trait(view.count())).event("Order", at(5)).event("View", at(6)).tick(at(1))
    log.edit(views=trait(view.count()), bought=segment(order.any()))
    host = Host(log.story()).finish()
    assert host.engine.sizes()["waiting"] == 2
    assert host.digest() == Host(log.story(), len(log.entries)).digest()
    host.engine.advance(at(9), offset=9)
    assert host.engine.changes().to_pylist()[0]["reason"] == "Order"


def test_a_window_that_slides_does_not_grow() -> None:
    """What has left a window gives its memory back, however long the history becomes."""
    log = Log(
        kilos=trait(order.sum("weight", within=hours(2))),
        top=trait(order.top("revenue", within=hours(2))),
        left=trait(cart.without(order, within=hours(1)).count(within=hours(2))),
    )
    for i in range(600):
        name = "Cart" if i % 5 == 4 else "Order"
        values = {"weight": i / 8, "revenue": i} if name == "Order" else {}
        log.event(name, at(i / 4), **values)
        log.tick(at(i / 4))
    host, sizes = Host(log.story()), []
    for i, _ in enumerate(host.run()):
        if i in (400, 800, 1190):
            sizes.append(host.engine.sizes()["bytes"])
    assert sizes[0] == sizes[1] == sizes[2]


def test_people_who_vanish_leave_room_for_others() -> None:
    """As many people come as are erased: the engine does not grow."""
    log, sizes = Log(top=trait(order.top("revenue")), active=active), []
    for i in range(300):
        log.event("Order", at(i), f"p{i}", revenue=i).tick(at(i)).erase(f"p{i}")
    host = Host(log.story())
    for i, _ in enumerate(host.run()):
        if i % 300 == 299:
            sizes.append(host.engine.sizes()["bytes"])
    assert sizes[0] == sizes[1] == sizes[2]
    assert host.engine.sizes()["people"] == 0


def test_the_clock_is_never_moved_back() -> None:
    """An earlier instant is an error that says where the clock is; the same one is none."""
    engine = StreamEngine(library(active=active), at(5))
    assert engine.advance(at(5), offset=1)
    with pytest.raises(ClockError, match="2011-06-01T05:00"):
        engine.advance(at(5, -1), offset=2)
    assert (engine.clock, engine.offset) == (at(5), 1)


def test_a_saved_engine_is_for_the_same_definitions() -> None:
    """Another library, other bytes, or a piece of them are refused."""
    host = Log(active=active).event("Order", at(0)).tick(at(1)).followed()
    saved = host.engine.save()
    with pytest.raises(StoreError):
        StreamEngine.load(saved, library(active=hesitant))
    for damaged in (b"", b"nothing of the sort", saved[: len(saved) // 2]):
        with pytest.raises(StoreError):
            StreamEngine.load(damaged, host.engine.library)
    assert StreamEngine.load(saved, host.engine.library).digest() == host.engine.digest()
