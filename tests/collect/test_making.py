"""What is made of a message is what the careful, slow way makes of it, byte by byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect.limits import field, walk
from coterie.collect.making import Maker, Names
from coterie.collect.personal import shielded
from coterie.collect.quality.counting import Tally
from coterie.collect.spec import Arrival, Refused, fields, read
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.payload import Fact, decode, fact
from tests.collect.waiting import NOW

PLAN = TrackingPlan(
    mode="observe",
    events={
        "Bought": PlannedEvent(
            properties={
                "email": Property(type="text"),
                "handle": Property(type="text", pii="contact"),
                "price": Property(type="decimal", scale=2, mode="coerce"),
            },
            explode={"items": "Item Bought"},
        ),
        "Item Bought": PlannedEvent(properties={"name": Property(type="text", pii="contact")}),
    },
)
HIDDEN = Pseudonymiser(bytes(32))
_NAMES = st.sampled_from(
    ["email", "handle", "price", "items", "n", "firstName", "ip", "name", "a@b.example", "ü",
     "device", "traits", "sentAt", "id", "phone_number"]
)  # fmt: skip
_SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False)
    | st.sampled_from(["x", "ann@shop.example", "19,99", "a%40b.example", "me\uff20b.example", "é"])
    | st.decimals(-1000, 1000, places=3).map(float)
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)
_OBJECTS = st.dictionaries(_NAMES, _VALUES, max_size=5)


def maker() -> Maker:
    """With a memory of its own."""
    return Maker(HIDDEN, PLAN, Tally(), Names(set))


def arrival(message: Any, context: Any = None) -> Arrival:
    """A message of a batch that says something of all of them."""
    shared = b"" if context is None else json.dumps(context).encode()
    return Arrival("web", json.dumps(message).encode(), "$", "batch", NOW, None, shared)


def slowly(came: Arrival) -> Fact:
    """Everything that could be personal or uneven looked at, whatever it is."""
    stated = read(came)
    walk(stated.event.properties, "properties", 0)
    said = {name: field(bytes(raw)) for name, raw in fields(*stated.context).items()}
    judged = maker()._gate.judge(stated.event, NOW)
    if judged.refused is not None:
        raise Refused(*judged.refused)
    event = judged.event
    event = msgspec.structs.replace(event, context=said | event.context)
    return fact(HIDDEN.event(shielded(event, PLAN, HIDDEN), PLAN), stated.said_at)


@given(
    st.sampled_from(["track", "identify", "page", "group"]), _OBJECTS, _OBJECTS,
    st.none() | _OBJECTS,
)  # fmt: skip
def test_fact_is_that_of_the_slow_way(
    kind: str, properties: Any, context: Any, shared: Any
) -> None:
    """Key, hash, instants and bytes, whatever a message says."""
    of = "traits" if kind in ("identify", "group") else "properties"
    message = {
        "type": kind, "event": "Bought", "messageId": "m", "userId": "ann@shop.example",
        "anonymousId": 7, "groupId": "g", "timestamp": "2026-03-01T10:00:00Z", of: properties,
        "context": context,
    }  # fmt: skip
    came = arrival(message, shared)
    assert outcome(lambda: maker().make(came, NOW)) == outcome(lambda: slowly(came))


def outcome(make: Callable[[], Fact]) -> Fact | str:
    """The fact, which can be read, or the reason why there is none."""
    try:
        found = make()
    except Refused as refused:
        return refused.reason
    decode(found.body)
    return found


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"n": 1e999}', "too_large"), (b'{"n": {"m": [1e-999]}}', "too_large"),
        (b'{"n": "\\u0000"}', "nul"), (b'{"n": "\\ud800"}', "broken_json"),
        (b"[" * 40 + b"]" * 40, "too_deep"), (b'{"n": 1' + b"0" * 400 + b"}", "too_large"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["properties", "context"])
def test_what_no_store_holds_is_refused_wherever_it_stands(
    body: bytes, reason: str, where: str
) -> None:
    """In properties and in the context alike."""
    said = b'{"x": %s}' % body
    text = b'{"type": "track", "event": "Looked", "messageId": "m", "%s": %s}'
    came = Arrival("web", text % (where.encode(), said), "$", "batch", NOW)
    with pytest.raises(Refused) as found:
        maker().make(came, NOW)
    assert found.value.reason == reason
