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

from coterie.collect import sharing
from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.collect.making import Names
from coterie.collect.quality.counting import Tally
from coterie.collect.sharing import Made, Sharing
from coterie.collect.spec import EVENT_BYTES, Arrival
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage import packs
from coterie.storage.payload import Fact
from tests.collect.waiting import NOW, Yard, track

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


@given(messages=st.lists(_MESSAGES, max_size=40), now=st.sampled_from([None, NOW]))
def test_facts_refusals_names_and_counts_are_those_of_one_process(
    beside: Sharing, messages: list[Any], now: int | None
) -> None:
    """In order, with as many names beside the plan's as there is room for."""
    arrivals = [
        Arrival("web", json.dumps(message).encode(), f"$.batch[{i}]", "batch", NOW)
        for i, message in enumerate(messages)
    ]
    found = []
    for one in (beside, Sharing(GIVEN, Names(set), Tally())):
        one._names, one._tally = Names(set), Tally()
        one._names.MOST = 2
        outcomes = shown(one.make(arrivals, now))
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
    ready(made._sharing)
    yard.drain = Drain(yard.inbox, made)
    return made


def test_drain_is_the_same_with_duplicates_and_conflicts_across_shares(tmp_path: Path) -> None:
    """Log, quarantine and counts."""
    alone, beside = Yard(tmp_path / "alone", PLAN), Yard(tmp_path / "beside", PLAN)
    made = shared(beside)
    for yard in (alone, beside):
        fill(yard)
        yard.all()
    made.close()
    found = state(alone), state(beside)
    alone.close()
    beside.close()
    assert found[0] == found[1]
    assert found[0][0].holds


def test_killed_process_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it did not give back is made again here; then another is begun."""
    alone, beside = Yard(tmp_path / "alone", PLAN), Yard(tmp_path / "beside", PLAN)
    made = shared(beside)
    of = made._sharing
    work = of._work.make
    assert of._begun is not None
    dying = of._begun.result()

    def kill(arrivals: Any, now: int | None) -> Any:
        nonlocal dying
        if dying:
            os.kill(dying, signal.SIGKILL)
            dying = 0
        return work(arrivals, now)

    monkeypatch.setattr(of._work, "make", kill)
    for yard in (alone, beside):
        fill(yard)
        yard.all()
    ready(of)
    assert dying == 0
    made.close()
    found = state(alone), state(beside)
    alone.close()
    beside.close()
    assert found[0] == found[1]


def test_key_is_on_no_command_line(beside: Sharing) -> None:
    """It comes through a pipe."""
    assert beside._begun is not None
    said = Path(f"/proc/{beside._begun.result()}/cmdline").read_bytes()
    assert bytes(32).hex().encode() not in said
    assert b"spawn_main" in said
