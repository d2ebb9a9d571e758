"""What arrives behind the clock, joins people, replaces facts or removes people is made good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from coterie.privacy.scan import scan
from tests.live.shop import Live, bought, looked


@pytest.fixture(scope="module")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A shop whose stream stands at its thirtieth day."""
    shop = Live(tmp_path_factory.mktemp("stands"))
    shop.send(
        [
            bought("o1", "ann", 1, "5"),
            bought("o2", "bob", 25, "7"),
            looked("v1", None, 28, "hats", anonymous_id="phone"),
            looked("v2", None, 29, "hats", anonymous_id="phone"),
            looked("v3", "cas", 29.5),
        ]
    )
    shop.replay(30.0)
    shop.project.close()
    return shop


@pytest.fixture
def early(stands: Live, tmp_path: Path) -> Iterator[Live]:
    """A copy of it."""
    shop = Live.copied(stands, tmp_path)
    yield shop
    shop.project.close()


def test_late_event_is_recorded_at_the_clock(early: Live) -> None:
    """What was believed stays as it is; the difference has the cause `late`."""
    before = early.records()
    early.send([bought("o3", "ann", 22, "9")])
    early.replay(30.0)
    assert early.causes("ann", "active")[-1] == (30.0, "entered", "late")
    assert [row for row in early.records() if row[5] != "late"] == before
    early.replay(40.0)
    assert early.causes("ann", "active")[-1] == (32.0, "exited", "time")
    early.verified()


def test_late_event_that_nothing_rests_on_is_no_change(early: Live) -> None:
    """Whoever was out and is out still has no record."""
    before = early.records()
    early.send([bought("o3", "ann", 2, "9")])
    early.replay(30.0)
    assert [row for row in early.records() if row not in before] == [
        row for row in early.records() if row[3] == "mood" and row[5] == "late"
    ]
    early.verified()


def test_device_becomes_part_of_its_user(early: Live) -> None:
    """The device leaves everything and its user has the union, at once, cause `merge`."""
    phone = early.project.pseudonymiser.anonymous("phone")
    assert (phone, "keen", "") in early.folded()
    early.send([looked("v4", "ann", 30.5, anonymous_id="phone")])
    early.replay(30.25)
    moved = {(row[1], row[2]) for row in early.records() if row[5] == "merge" and row[3] == "keen"}
    assert moved == {(phone, False), (early.person("ann"), True)}
    assert phone not in {row[0] for row in early.folded()}
    early.replay(31.0)
    early.verified()


def test_device_that_is_met_with_its_user_merges_nobody(early: Live) -> None:
    """A first event that carries both is the user's own."""
    early.send([looked("v5", "cas", 30.5, anonymous_id="tablet")])
    early.replay(31.0)
    assert "merge" not in {row[5] for row in early.records()}
    early.verified()


@pytest.mark.parametrize("when", [25, 31])
def test_fact_that_was_replaced_counts_no_more(early: Live, when: float) -> None:
    """An order that grew is one order, whether the clock has passed it or not."""
    grown = msgspec.structs.replace(bought("o2 grown", "bob", when, "70"), supersedes="o2")
    early.send([grown])
    early.replay(31.0)
    early.verified()
    (spend,) = early.project.traits(["spend"], profiles=["bob"])["spend"]
    assert str(spend) == "70.00"


def test_order_that_moves_to_somebody_else_leaves_the_first(early: Live) -> None:
    """The fact that replaces another may be another person's."""
    early.send([msgspec.structs.replace(bought("o9", "dee", 26, "7"), supersedes="o2")])
    early.replay(30.0)
    assert early.causes("bob", "active")[-1] == (30.0, "exited", "late")
    assert early.causes("dee", "active") == [(30.0, "entered", "late")]
    early.verified()


def test_event_that_arrives_ahead_and_is_replaced_never_happened(early: Live) -> None:
    """Of two that both lie ahead only the one that stands is applied."""
    early.send([bought("o4", "cas", 33, "1")])
    early.send([msgspec.structs.replace(bought("o5", "cas", 34, "2"), supersedes="o4")])
    early.replay(40.0)
    assert early.causes("cas", "active") == [(34.0, "entered", "event")]
    early.verified()


def test_erased_person_is_forgotten_by_the_stream(early: Live) -> None:
    """No record, no snapshot and no answer has them; the others are as they were."""
    gone = early.person("bob")
    early.send([bought("o6", "bob", 35, "1"), bought("o7", "cas", 36, "1")])
    early.replay(32.0)
    report = early.project.erase("bob")
    assert report.proven
    early.replay(40.0)
    assert gone not in {row[0] for row in early.members()}
    assert gone not in early.log()["profile"].to_pylist()
    assert scan(early.folder / "data", [gone.encode()]) == []
    assert early.causes("cas", "active")[-1] == (36.0, "entered", "event")
    assert early.verified().people == 3


def test_snapshot_after_an_erasure_holds_none_of_the_persons_texts(early: Live) -> None:
    """The state is made anew, so that no text is left that only they had."""
    early.send([looked("v7", "dee", 30, "a page of dee's own")])
    early.replay(31.0)
    data = early.folder / "data"
    wanted = [b"a page of dee's own"]
    assert {Path(found.file).parts[0] for found in scan(data, wanted)} >= {"snapshots"}
    early.project.erase("dee")
    early.replay(32.0)
    assert scan(data, wanted) == []
    early.verified()


def test_what_only_an_erased_person_had_replaced_counts_again(early: Live) -> None:
    """The order that somebody else's order superseded is the first person's again."""
    early.send([msgspec.structs.replace(bought("o9", "dee", 26, "7"), supersedes="o2")])
    early.replay(30.0)
    early.project.erase("dee")
    early.replay(31.0)
    assert early.causes("bob", "active")[-1] == (30.0, "entered", "erase")
    early.verified()


def test_correction_survives_a_restart_out_of_history(early: Live) -> None:
    """Without its snapshots the stream comes to the same state, and records nothing."""
    early.send([bought("o3", "ann", 22, "9"), looked("v4", "ann", 31, anonymous_id="phone")])
    early.replay(32.0)
    before = early.records()
    for path in (early.folder / "data/snapshots").iterdir():
        path.unlink()
    early.replay(32.0)
    assert early.records() == before
    early.verified()
