"""Laws of the gate: it answers to anything, and what it repairs is right."""

from __future__ import annotations

import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.collect.gate import REASONS, Gate
from coterie.language.events import Event
from coterie.language.time import micros, parse_instant
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from coterie.storage.payload import canonical
from tests.collect.quality.plans import EVENTS, PROPERTIES, plan

OBSERVE, COERCE, ENFORCE = (Gate(plan(mode)) for mode in ("observe", "coerce", "enforce"))
STRICT = Gate(plan("coerce", unknown_properties="drop", unknown_events="quarantine"))
ACTIONS = {"observed", "coerced", "dropped", "refused"}


@given(EVENTS)
def test_every_event_is_judged(event: Event) -> None:
    """Whatever stands in it, in every mode; a refusal has a known reason and tells no value."""
    for gate in (OBSERVE, COERCE, ENFORCE, STRICT):
        judged = gate.judge(event, 0)
        assert {violation.action for violation in judged.violations} <= ACTIONS
        if judged.refused is not None:
            assert judged.refused[0] in REASONS
            assert any(violation.action == "refused" for violation in judged.violations)
        said = str((judged.refused, judged.violations))
        assert "a" * 300 not in said


@given(EVENTS)
def test_what_is_repaired_needs_no_other_repair(event: Event) -> None:
    """Judged again it is the same, and strict eyes find nothing."""
    judged = COERCE.judge(event, 0)
    if judged.refused is None:
        again = COERCE.judge(judged.event, 0)
        assert again.violations == ()
        assert again.event is judged.event
        assert ENFORCE.judge(judged.event, 0).refused is None


@given(EVENTS)
def test_what_is_right_is_left_alone(event: Event) -> None:
    """An event that is enforced is stored as it came, and observed without a word."""
    judged = ENFORCE.judge(event, 0)
    if judged.refused is None:
        assert judged.event is event
        assert OBSERVE.judge(event, 0).violations == ()


@given(EVENTS)
def test_an_original_is_kept_of_every_repair(event: Event) -> None:
    """The originals put over the repaired properties are what came."""
    judged = COERCE.judge(event, 0)
    if judged.refused is None and judged.event is not event:
        were = judged.event.context["coerced"]
        assert _over(judged.event.properties, were) == event.properties


def _over(now: dict[str, Any], were: dict[str, Any]) -> dict[str, Any]:
    found = now | {name: value for name, value in were.items() if name != "items"}
    if "items" in were:
        pairs = zip(now["items"], were["items"], strict=True)
        found["items"] = [item | before for item, before in pairs]
    return found


KEPT = Pseudonymiser(bytes(32))


@settings(max_examples=15)
@given(st.lists(EVENTS, max_size=20))
def test_what_is_accepted_is_stored_and_read_back(events: list[Event]) -> None:
    """From the log through the lake to one person's history, exact; repaired or as it came."""
    judged = [COERCE.judge(event, 0) for event in events]
    kept = [
        msgspec.structs.replace(KEPT.event(one.event, COERCE.plan), message_id=str(i))
        for i, one in enumerate(judged)
        if one.refused is None
    ]
    with tempfile.TemporaryDirectory() as folder, Log(Path(folder) / "log.db") as log:
        log.append_events(kept)
        lake = Lake(Path(folder) / "lake")
        lake.flush(log, COERCE.plan)
        with duckdb.connect() as con:
            found = lake.history(con, KEPT.person("ann"), COERCE.plan).to_pylist()
    told = {
        row["message_id"]: json.loads(row["properties"], parse_float=Decimal)
        for row in found
        if row["name"] == "Paid"
    }
    assert told == {event.message_id: _stored(event) for event in kept}


def _stored(event: Event) -> dict[str, Any]:
    """What a history says of an event: no nulls, no arrays that are lines, instants as numbers."""
    said: dict[str, Any] = canonical(event.properties)
    said = {name: value for name, value in said.items() if name != "items"}
    for name, value in list(said.items()):
        if value is None and name in PROPERTIES:
            del said[name]
        elif name == "paid_at":
            said[name] = micros(parse_instant(value))
        elif name == "score":
            said[name] = canonical(float(value))
    return json.loads(
        msgspec.json.Encoder(decimal_format="number").encode(said), parse_float=Decimal
    )
