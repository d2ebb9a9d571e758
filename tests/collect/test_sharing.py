"""Events made by several processes are those that one would have made, each exactly once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect import ahead, sharing
from coterie.collect.ahead import Ahead
from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.collect.making import Names
from coterie.collect.quality.counting import Tally
from coterie.collect.requests import Messages, Unopened, messages
from coterie.collect.sharing import Made, Sharing
from coterie.collect.spec import EVENT_BYTES
from coterie.errors import StoreError
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage import packs
from coterie.storage.log import Log
from coterie.storage.payload import Fact
from tests.collect.waiting import NOW, Request, Yard, track

PLAN = TrackingPlan(
    events={"Looked": PlannedEvent(mode="enforce", properties={"n": Property(type="integer")})},
    mode="observe", unknown_events="observe",
)  # fmt: skip
GIVEN = Pseudonymiser(bytes(32)), PLAN, EVENT_BYTES
_SAID = [{"n": 1}, {"n": "one"}, {"n": 2, "email": "ann@shop.example"}, {"at": ["x"]}]
_MESSAGES = st.builds(
    lambda n, said, name: track(n, properties=said, event=name),
    st.integers(0, 30), st.sampled_from(_SAID), st.sampled_from(["Looked", "A", "B", "C"]),
) | st.sampled_from(["no message", {"type": "what"}, {}])  # fmt: skip


@pytest.fixture(scope="module")
def beside() -> Iterator[Sharing]:
    """With two processes that are there."""
    made = ready(Sharing(GIVEN, Names(set), Tally(), 2))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BYTES", 100)
    monkeypatch.setattr(sharing, "SHARE", 3)
    monkeypatch.setattr(packs, "FEW", 2)


def ready(made: Sharing) -> Sharing:
    """Once its processes can be asked."""
    made.ready()
    assert made._begun is not None
    made._begun.result()
    return made


def shown(made: Made) -> list[Fact | tuple[str, str]]:
    """Each fact, or why there is none."""
    found: dict[int, Fact | tuple[str, str]] = {
        i: (why.reason, why.detail) for i, why in made.refused.items()
    }
    facts = [
        Fact(*each)
        for one in made.facts
        for each in zip(one.keys, one.digests, one.ats, one.received, one.opened(), strict=True)
    ]
    found.update(zip(made.places, facts, strict=True))
    return [found[i] for i in range(len(found))]


@given(batches=st.lists(st.lists(_MESSAGES, max_size=9), min_size=8, max_size=20))
def test_facts_refusals_names_and_counts_are_those_of_one_process(
    beside: Sharing, batches: list[list[Any]]
) -> None:
    """In order, with as many names beside the plan's as there is room for."""
    requests = [
        Request(n, "web", "batch", NOW, json.dumps({"batch": batch, "of": "a" * 80}).encode())
        for n, batch in enumerate(batches, 1)
    ]
    arrivals = [arrival for request in requests for arrival in messages(request)]
    alone = Sharing(GIVEN, Names(set), Tally())
    found = []
    for one in (beside, alone):
        one._names, one._tally = Names(set), Tally()
        one._names.MOST = 2
        shares = alone.make(arrivals, None)
        if one is beside:
            portions = Ahead(one, lambda after: [])
            assert portions.begin(requests)
            taken, shares = portions.take(1_000)
            opened = Unopened(taken, [size for share in shares for size in share.sizes])
            assert [opened[i] for i in range(len(opened))] == arrivals
            assert len(shares) == len(requests)
        outcomes = shown(one.settle(shares))
        found.append((outcomes, one._names.new, one._tally.counts))
    assert found[0] == found[1]


def fill(yard: Yard) -> None:
    """With what is new, what comes again, what is refused and what contradicts."""
    for batch in range(6):
        said = ({"n": "one"}, {"n": 1}, {"n": 1}, {"n": batch})
        yard.inbox.batch(*(track(n, properties=said[n % 4]) for n in range(batch * 5, 40)))


def state(yard: Yard) -> Any:
    """Everything that the stores hold."""
    rows = sorted((row.id, row.reason, row.row) for row in yard.ledger.quarantined())
    return yard.fates, [(e.at, e.payload) for e in yard.log.read(0, 10_000)], rows


def shared(yard: Yard) -> Collector:
    """What brings messages into the same stores, with a process beside this one that is there."""
    made = Collector(yard.log, yard.ledger, yard.pseudonymiser, PLAN, workers=1)
    ready(made.sharing)
    yard.drain = Drain(yard.inbox, made)
    return made


@pytest.fixture
def yards(tmp_path: Path) -> Iterator[tuple[Yard, Yard]]:
    """The same requests, in one that drains alone, and in one that a process is beside."""
    alone, beside = Yard(tmp_path / "alone", PLAN), Yard(tmp_path / "beside", PLAN)
    made = shared(beside)
    for yard in (alone, beside):
        fill(yard)
    alone.all()
    yield alone, beside
    made.close()
    alone.close()
    beside.close()


@pytest.mark.parametrize("most", [1, 50, 5_000])
def test_drain_is_the_same_with_duplicates_and_conflicts_across_shares(
    yards: tuple[Yard, Yard], most: int
) -> None:
    """Log, quarantine and counts, with few messages to a transaction and with many."""
    alone, beside = yards
    stored: list[int] = []
    store = beside.drain.collector.store

    def counted(arrivals: Messages, *said: Any) -> Any:
        stored.append(len(arrivals))
        return store(arrivals, *said)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beside.drain.collector, "store", counted)
        beside.all(most)
    assert len(stored) == {1: 6, 50: 3, 5_000: 1}[most]
    assert state(alone) == state(beside)
    assert state(beside)[0].holds


def test_killed_process_loses_nothing(yards: tuple[Yard, Yard]) -> None:
    """What it did not give back is made again here; then another is begun."""
    alone, beside = yards
    of = beside.drain.collector.sharing
    ask = of.ask
    assert of._begun is not None
    dying = [of._begun.result()]

    def kill(requests: Any) -> Any:
        asked = ask(requests)
        if dying:
            os.kill(dying.pop(), signal.SIGKILL)
        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of, "ask", kill)
        beside.all()
    ready(of)
    assert not dying
    assert state(alone) == state(beside)


def test_what_could_not_be_stored_is_made_again(yards: tuple[Yard, Yard]) -> None:
    """Nothing that was made ahead is stored twice, or left out; the ledger's rows are not new."""
    alone, beside = yards
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Log, "_count", _fail)
        with pytest.raises(StoreError):
            beside.all(most=50)
    assert beside.log.drained() == 0
    beside.all(most=50)
    assert state(alone) == state(beside)


def test_other_plan_judges_all_that_is_not_stored_yet(yards: tuple[Yard, Yard]) -> None:
    """What was made ahead by the plan before is made again."""
    _, beside = yards
    former = beside.drain.collector
    beside.drain.drain(NOW, most=1)
    rows = len(beside.ledger.quarantined())
    other = TrackingPlan(events={"Looked": PlannedEvent()}, mode="observe")
    stores = beside.log, beside.ledger, beside.pseudonymiser
    beside.drain.collector = Collector(*stores, other)
    beside.all()
    former.close()
    refused = [row.reason for row in beside.ledger.quarantined()]
    assert refused.count("wrong_type") == rows
    assert beside.fates.holds
    assert beside.log.drained() == beside.inbox.last


def _fail(*_: Any, **__: Any) -> Any:
    raise StoreError("the disk is full")


def test_key_is_on_no_command_line(beside: Sharing) -> None:
    """It comes through a pipe."""
    assert beside._begun is not None
    said = Path(f"/proc/{beside._begun.result()}/cmdline").read_bytes()
    assert bytes(32).hex().encode() not in said
    assert b"spawn_main" in said
