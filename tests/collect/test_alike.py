"""Messages made together are made as each of them alone, byte by byte."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect import alike
from coterie.collect.contexts import Contexts
from coterie.collect.limits import Refused
from coterie.collect.making import Maker, Names
from coterie.collect.messages import Arrival, _Numbers, neat
from coterie.collect.quality.counting import Tally
from coterie.collect.requests import messages
from coterie.language.plan import TrackingPlan
from coterie.language.time import DAY
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.inbox import Request
from coterie.storage.payload import Fact
from tests.collect.quality.plans import PROPERTIES, plan
from tests.collect.test_making import PLAN
from tests.collect.waiting import NOW
from tests.torture import bodies

HIDDEN = Pseudonymiser(bytes(32))
PLANS = [
    PLAN,
    plan("observe"),
    plan("enforce", unknown_events="quarantine"),
    plan("coerce", unknown_properties="drop"),
    plan("enforce", unknown_properties="observe"),
]
_TEXTS = st.sampled_from(
    ["x", "x", "é", "", '"', "\\", "a\nb", "%s", "\u2028", "GB-1", "EUR", "gold", "19,99",
     "ann@shop.example", "a%40b.example", "me\uff20b.example"]
)  # fmt: skip
_SCALARS = st.one_of(
    _TEXTS, st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.integers(0, 9),
    st.decimals(0, 100, places=2).map(float), st.sampled_from([1.0, 1e300, 0.1, 1e15]),
)  # fmt: skip
_VALUES = _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(_TEXTS, _SCALARS, max_size=2)
_NAMES = st.sampled_from(
    ["n", "colour", "firstName", "ip", "a@b.example", "ü", "items", "%d", *PROPERTIES]
)
_PROPERTIES = st.dictionaries(_NAMES, _VALUES, max_size=4)
_FIELDS = st.sampled_from(["page", "ip", "device", "traits", "sentAt", "locale", "a@b.example"])
_CONTEXTS = st.none() | st.dictionaries(_FIELDS, _VALUES, max_size=3) | st.just([1])
_MESSAGES = st.fixed_dictionaries(
    {"messageId": st.integers(0, 9).map(str) | _TEXTS, "properties": _PROPERTIES},
    optional={
        "type": st.sampled_from(["track", "track", "identify", "page", "group", "alias", "what"]),
        "event": st.sampled_from(["Paid", "Bought", "Looked", "%s of it", "", 5]),
        "userId": _TEXTS | st.integers(), "anonymousId": _TEXTS, "traits": _PROPERTIES,
        "groupId": _TEXTS, "previousId": _TEXTS, "name": _TEXTS, "context": _CONTEXTS,
        "timestamp": st.sampled_from(
            ["2026-01-02T03:04:05.678Z", "2026-01-02", "2126-01-01", "0001-01-01", "yesterday"]
        ),
        "sentAt": st.sampled_from(["2026-01-02T03:04:06Z", 5, None]),
    },
)  # fmt: skip


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "FEW", 1)


def maker(plan: TrackingPlan) -> Maker:
    """With a memory of its own."""
    return Maker(HIDDEN, plan, Tally(), Names(set))


def seen(plan: TrackingPlan, arrivals: Sequence[Arrival], now: int = NOW) -> Counter[str]:
    """How many messages were made together and alone; those together were made the same."""
    together, alone = maker(plan), maker(plan)
    found = together.many(arrivals, now)
    assert not together._tally.counts
    ways = Counter[str]()
    for i, (arrival, fact) in enumerate(zip(arrivals, found.facts, strict=True)):
        ways["alone" if fact is None else "together"] += 1
        if fact is not None:
            alone._tally.counts.clear()
            assert alone.make(arrival, now) == fact
            assert not alone._tally.counts, "the gate had something to say"
            name = json.loads(fact.body)["name"]
            assert (found.names.get(i) == name) == (name not in plan.events)
    return ways


def batch(said: Sequence[Any], context: Any = None, sent_at: Any = None) -> list[Arrival]:
    """Messages of one batch."""
    shared = b"" if context is None else json.dumps(context).encode()
    return [
        Arrival("we%b", json.dumps(one).encode(), f"$.batch[{i}]", "batch", NOW, sent_at, shared)
        for i, one in enumerate(said)
    ]


@given(
    st.sampled_from(PLANS), st.lists(_MESSAGES, max_size=20), _CONTEXTS,
    st.sampled_from([None, "2026-01-02T03:04:05Z", 7]),
)  # fmt: skip
def test_fact_made_together_is_the_one_made_alone(
    plan: TrackingPlan, said: list[Any], context: Any, sent_at: Any
) -> None:
    """Key, hash, instants and bytes, and without a word of the gate."""
    seen(plan, batch(said, context, sent_at))


@given(st.sampled_from(PLANS), _MESSAGES, st.lists(_VALUES, min_size=9, max_size=30))
def test_columns_hide_no_value(plan: TrackingPlan, one: dict[str, Any], values: list[Any]) -> None:
    """Where messages differ in one value alone."""
    for name in ("n", "pieces", "revenue", "note"):
        seen(plan, batch([one | {"properties": {name: value}} for value in values]))


def usual(n: int, **more: Any) -> list[dict[str, Any]]:
    """Messages as a sound client sends them."""
    return [
        {
            "type": "track", "event": "Paid", "messageId": f"m-{i}", "userId": f"u{i % 3}",
            "anonymousId": "a", "timestamp": "2026-01-02T03:04:05.678Z",
            "properties": {"order_id": "GB-1", "pieces": i % 9 + 1, "revenue": i / 4},
            "context": {"page": {"path": f"/{i % 5}"}, "ip": "10.0.0.1", "locale": "en"},
            **more,
        }
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_bodies_of_the_open_internet_are_made_as_each_alone(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Torn, nested, with numbers that are none: whatever the fuzz sends."""
    sound = (*usual(1), *usual(1, type="page", name="Home"), *usual(1, event="Looked"))
    monkeypatch.setattr(bodies, "MESSAGES", bodies.MESSAGES + 9 * sound)
    made = bodies.Bodies("key", seed)
    requests = [Request(i, "web", "track", NOW, made._message()) for i in range(300)]
    requests += [Request(i, "web", "batch", NOW, made._batch()) for i in range(50)]
    arrivals = [arrival for request in requests for arrival in messages(request)]
    ways = sum((seen(one, arrivals) for one in PLANS), Counter[str]())
    assert ways["together"] > 100
    assert ways["alone"] > 100


def test_sound_messages_are_all_made_together() -> None:
    """Of more shapes than one, and more of them than are made at once."""
    said = [*usual(alike.MANY + 1), *usual(9, type="page"), *usual(9, event="Not planned")]
    ways = seen(plan("enforce"), batch(said))
    assert ways == {"together": len(said)}


@pytest.mark.parametrize("odd", [
    {"properties": {"pieces": 101, "order_id": "GB-1"}}, {"properties": {}}, {"messageId": "a@b.c"},
    {"context": {"sentAt": "x"}}, {"context": {"n": 1e999}}, {"timestamp": "2126-01-01"},
    {"userId": 5}, {"properties": {"order_id": "GB-1", "n": [1]}}, {"event": "x" * 300},
    {"properties": {"order_id": "GB-1", "note": "x" * 40_000}}, {"context": {"\0": 1}},
])  # fmt: skip
def test_one_in_doubt_leaves_the_others_together(odd: dict[str, Any]) -> None:
    """It alone is made alone."""
    said = usual(20)
    said[7] |= odd
    arrivals = batch(said)
    found = maker(plan("enforce")).many(arrivals, NOW).facts
    assert [i for i, fact in enumerate(found) if fact is None] == [7]
    seen(plan("enforce"), arrivals)


def test_contexts_are_the_same_when_too_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was forgotten is made again."""
    monkeypatch.setattr("coterie.collect.contexts._ROOM", 1_000)
    one, said = maker(PLAN), batch(usual(60))
    for start in range(0, 60, 20):
        few = said[start : start + 20]
        assert one.many(few, NOW).facts == [maker(PLAN).make(each, NOW) for each in few]


def test_contexts_that_never_come_again_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered stays within its bytes, twice."""
    monkeypatch.setattr("coterie.collect.contexts._ROOM", 30_000)
    contexts = Contexts(HIDDEN)
    for i in range(2_000):
        contexts.many(b"", [b'{"ip":"10.0.%d.%d","os":"x"}' % (i // 256, i % 256)] * 2)
    held = [
        len(said) + len(made)
        for memories in (contexts._memories, contexts._former)
        for memory in memories.values()
        for said, made in memory.items()
    ]
    assert 0 < sum(held) + 200 * len(held) <= 60_000


@pytest.mark.parametrize("said", [
    b'{"a":"ann@shop.example"}', b'{"a":"ann\\u0040shop.example"}', b'{"a":"ann%40shop.example"}',
    '{"a":["ann\uff20shop.example"]}'.encode(), b'{"ann@shop.example":1}',
    b'{"ann\\uff20shop.example":1}', b'"Ann%\\u00340shop.example"',
])  # fmt: skip
def test_no_address_in_a_context_is_stored_however_it_is_written(said: bytes) -> None:
    """With an escape, percent-encoded, in a name or a list; as a value or as a field's name."""
    contexts, hidden = Contexts(HIDDEN), HIDDEN.property("contact", "ann@shop.example").encode()
    (found,) = contexts.many(b"", [b'{"page":%b}' % said])
    assert found is not None
    assert hidden in found
    assert contexts.many(b"", [b'{"ann@shop.example":1}']) == [b'{"%b":1}' % hidden]


def test_numbers_are_the_same_when_too_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was forgotten is read again."""
    said = [b'{"messageId":"m","properties":{"n":%d.%d0,"m":0.50}}' % (i % 3, i) for i in range(30)]
    found = [neat(body).properties for body in said]
    monkeypatch.setattr("coterie.collect.messages._NUMBERS", 2)
    assert [neat(body).properties for body in said] == found
    assert found[1] == {"n": Decimal("1.1"), "m": Decimal("0.5")}


def test_a_number_of_very_many_digits_is_read_and_not_remembered() -> None:
    """What a sender writes at length fills no memory."""
    long = "1." + "3" * 30
    read, remembered = _Numbers(), _Numbers()
    assert read[long + "4" * 30] == Decimal(long + "4" * 30)
    assert remembered[long] == Decimal(long)
    assert (list(read), list(remembered)) == ([], [long])


def test_shapes_that_nobody_else_has_are_made_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that a sender makes up for each message cost no more than before."""
    monkeypatch.setattr(alike, "FEW", 4)
    said = [*usual(3), *usual(4, type="page"), *usual(1, properties={"order_id": "GB-1", "x": 1})]
    found = maker(PLAN).many(batch(said), NOW).facts
    assert [fact is None for fact in found] == [True] * 3 + [False] * 4 + [True]


def test_events_are_judged_as_of_their_arrival() -> None:
    """Where no other instant is given: what was of the future then is not made."""
    arrivals = batch(usual(20))
    early = [Arrival(a.source, a.body, a.path, a.route, 0) for a in arrivals]
    assert set(maker(PLAN).many(early, None).facts) == {None}
    late = maker(PLAN).many(early, NOW + DAY).facts
    assert all(isinstance(fact, Fact) for fact in late)


def test_failure_in_one_shape_leaves_its_messages_to_be_made_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever fails, nothing is lost: whoever makes them alone says what it is."""
    made = maker(PLAN)

    def failing(*said: object) -> None:
        raise Refused("broken_json", "context")

    monkeypatch.setattr(made._contexts, "many", failing)
    assert set(made.many(batch(usual(20)), NOW).facts) == {None}
