"""A replay keeps everybody current, and records each change once, at its exact instant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coterie.errors import ClockError, ProjectError
from tests.live.shop import Live, bought, day, looked


def test_replay_from_empty_equals_sql(shop: Live) -> None:
    """Every value, membership and the fold of the records; and live events reached them."""
    report = shop.replay()
    found = shop.verified()
    assert found.live
    assert found.people == report.people > 6
    assert shop.folded() == shop.members()
    assert {cause for *_, cause, _ in shop.records()} >= {"event", "time"}


def test_what_time_alone_changes_has_its_exact_instant(empty: Live) -> None:
    """An order holds a person for ten days to the microsecond, with no event at their end."""
    empty.send([bought("o1", "ann", 1, "5"), looked("v1", "bob", 30)])
    empty.replay()
    assert empty.causes("ann", "active") == [(1.0, "entered", "event"), (11.0, "exited", "time")]
    assert empty.causes("ann", "quiet") == [(15.0, "entered", "time")]


@pytest.mark.parametrize("batch", [1, 3, 1000])
def test_size_of_batches_changes_nothing(copies: Callable[[], Live], batch: int) -> None:
    """The records of one event a tick are those of everything in one."""
    one, other = copies(), copies()
    one.replay(batch=7)
    other.replay(batch=batch)
    assert one.records() == other.records()
    assert one.members() == other.members()


def test_replay_in_many_strides_is_the_same(copies: Callable[[], Live]) -> None:
    """A stream that ends and is taken up again records what one that goes on does."""
    one, other = copies(), copies()
    one.replay(60.0)
    for until in (5.0, 5.0, 17.5, 42.0, 60.0):
        other.replay(until)
    other.verified()
    assert one.records() == other.records()


@pytest.mark.parametrize("cut", [9.0, 33.25, 59.0])
def test_replay_out_of_a_run_goes_on_from_it(copies: Callable[[], Live], cut: float) -> None:
    """What the run recorded is recorded once; then every change has its instant again."""
    one, other = copies(), copies()
    other.project.run(day(cut))
    recorded = other.records()
    other.replay(begin="start")
    assert other.verified().live
    assert [row for row in other.records() if row[5] == "run"] == recorded
    assert {row[5] for row in other.records()} <= {"run", "event", "time", "refit"}
    one.replay()
    names = {("active", ""), ("keen", ""), ("hesitant", ""), ("hot", ""), ("quiet", "")}
    later = (cut * 86_400_000_000, "")
    for log in (one, other):  # what rests on no fit is the same from there on
        log.after = [  # type: ignore[attr-defined]
            row for row in log.records() if row[3:5] in names and row > later and row[5] != "run"
        ]
    assert one.after == other.after  # type: ignore[attr-defined]


def test_run_after_a_replay_records_only_what_differs(shop: Live) -> None:
    """At the same instant nothing; later what the clock does."""
    shop.replay(40.0)
    before = shop.records()
    shop.project.run(day(40), note="again")
    assert [row for row in shop.records() if row[5] != "refit"] == [
        row for row in before if row[5] != "refit"
    ]
    shop.project.run(day(55))
    assert shop.folded() == shop.members()
    assert {row[5] for row in shop.records()} >= {"event", "time", "run"}


def test_replay_goes_on_after_a_run(shop: Live) -> None:
    """What a run recorded on the way is not recorded by the stream again."""
    shop.replay(20.0)
    shop.project.run(day(30))
    recorded = shop.records()
    shop.replay(30.0)
    assert shop.records() == recorded
    shop.replay(60.0)
    shop.verified()
    assert shop.folded() == shop.members()


def test_events_ahead_of_the_clock_wait(empty: Live) -> None:
    """Nobody is there before their first event, whatever the log holds."""
    empty.send([bought("o1", "ann", 1, "5"), bought("o2", "bob", 20, "5")])
    assert empty.replay(10.0).people == 1
    assert empty.replay(20.0).people == 2
    empty.verified()


def test_clock_is_never_moved_back(shop: Live) -> None:
    """Neither by an end before it, nor by beginning empty once more."""
    shop.replay(30.0)
    with pytest.raises(ClockError, match="cannot be moved back"):
        shop.replay(29.0)
    with pytest.raises(ClockError, match="stands somewhere"):
        shop.replay(60.0, begin="empty")


def test_nothing_to_replay_is_said(empty: Live, shop: Live) -> None:
    """Where nothing was ever received, and where nothing was ever replayed."""
    with pytest.raises(ProjectError, match="nothing was run"):
        empty.replay()
    with pytest.raises(ProjectError, match="nothing was replayed"):
        shop.project.stream.verify()


def test_published_answer_is_what_readers_see(shop: Live) -> None:
    """Segments, histories and lists of members know the replay, to the instant."""
    shop.replay()
    cdp = shop.project
    assert cdp.segments.report().people == shop.verified().people
    (step,) = [s for s in cdp.history("active").steps if s.at == cdp.stores.log.clock()][-1:]
    assert step.size == len([row for row in shop.members() if row[1] == "active"])
    when = day(20.5)
    on = {one.profile for one in cdp.members("active", on=when).people}
    at = {one.profile for one in cdp.members("active", at=when).people}
    assert on == at != set()


def test_models_are_learnt_on_the_first_of_the_month(shop: Live) -> None:
    """Where nothing is scheduled; whoever that moves has the cause `refit` and that instant."""
    shop.replay()
    refit = {row[0] / 86_400_000_000 for row in shop.records() if row[5] == "refit"}
    assert refit == {31.0}
    assert any(row[3] == "best" for row in shop.records())
