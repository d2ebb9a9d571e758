"""The first look at a body: it names what the specification refuses, and passes nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect import bodies, shapes
from coterie.collect.spec import KINDS, Arrival, Refused, read

NOW = 1_770_000_000_000_000
WHOLE = {"type": "track", "event": "Looked", "messageId": "m", "userId": "u",
         "timestamp": "2026-01-02T03:04:05Z", "properties": {"a": 1}}  # fmt: skip


def refusals(*messages: Any) -> list[tuple[str, str, str]]:
    """Path, reason and detail of what is refused of a batch."""
    look = shapes.seen(json.dumps({"batch": messages}).encode(), "batch", NOW)
    assert look.n == len(messages)
    return [(each.path, each.reason, each.detail) for each in look.refused]


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"type": None}, "missing", "type"),
        ({"type": "tracks"}, "unknown_type", "type: track, identify, page, screen, group, alias"),
        ({"event": ""}, "missing", "event"),
        ({"event": "e" * 256}, "too_long", "event: at most 255 characters"),
        ({"userId": "u" * 256}, "too_long", "userId: at most 255 characters"),
        ({"userId": "a\0"}, "nul", "user_id"),
        ({"type": "group"}, "missing", "groupId"),
        ({"type": "alias", "previousId": ""}, "missing", "previousId"),
        ({"timestamp": "yesterday"}, "bad_instant", "timestamp: ISO 8601"),
        ({"properties": {"a": "x" * 33_000}}, "too_big", "32,768 bytes an event"),
    ],
)
def test_shape_that_is_refused_is_named(change: Any, reason: str, detail: str) -> None:
    """With its path, in the words of the log; its neighbours are not."""
    assert refusals(WHOLE, WHOLE | change, WHOLE) == [("$.batch[1]", reason, detail)]


@pytest.mark.parametrize("change", [
    {"timestamp": "2026-01-02"}, {"timestamp": "2026-01-02 03:04:05"}, {"timestamp": None},
    {"userId": 5}, {"userId": None}, {"context": None}, {"type": "page"}, {"name": "n" * 300},
    {"unknown": [1]}, {"sentAt": 5}, {"properties": {"a": "x" * 9_000}, "event": "é"},
])  # fmt: skip
def test_every_shape_of_the_specification_passes(change: dict[str, Any]) -> None:
    """In whichever of its forms."""
    assert refusals(*[WHOLE | change] * 4) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 9_000])
def test_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    """Whatever its address."""
    for route in (*KINDS, "batch"):
        with pytest.raises(bodies.Unreadable):
            shapes.seen(body, route, NOW)


values = (
    st.none() | st.integers() | st.text(max_size=3) | st.floats() | st.just({"a": [1, "\0"]})
    | st.sampled_from(["", "x" * 256, "2026-01-02T03:04:05Z", "2026-01-02", "9999-13-01T00:00:00Z"])
    | st.lists(st.integers(), max_size=2)
)  # fmt: skip
FIELDS = ("type", "event", "messageId", "userId", "anonymousId", "groupId", "previousId", "name",
          "category", "properties", "traits", "context", "timestamp", "sentAt")  # fmt: skip
changes = st.dictionaries(st.sampled_from(FIELDS), values, max_size=4)


@given(kind=st.sampled_from(KINDS), change=changes, batched=st.booleans())
def test_what_is_named_is_what_the_log_refuses(
    kind: str, change: dict[str, Any], batched: bool
) -> None:
    """Nothing is named that would be stored; nothing with a wrong shape is passed over."""
    message = WHOLE | {"type": kind, "groupId": "g", "previousId": "p"} | change
    said = json.dumps({"batch": [message]} if batched else message).encode()
    path, route = ("$.batch[0]", "batch") if batched else ("$", kind)
    look = shapes.seen(said, route, NOW)
    split = bodies.batch(said) if batched else bodies.single(said)
    refused = []
    try:
        read(Arrival("", split.messages[0], path, route, NOW, split.sent_at, split.context))
    except Refused as error:
        refused = [(path, error.reason, error.detail)]
    named = [(each.path, each.reason, each.detail) for each in look.refused]
    deep = ("nul", "not_a_number", "too_large", "too_deep", "broken_json", "bad_instant")
    assert named == refused or (not named and refused[0][1] in deep)


@pytest.mark.parametrize("message", [b"1", b"NaN", b'{"type":"page"}', b'{"type":"page"'])
def test_a_batch_of_too_many_is_counted_and_not_read(
    message: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message more than a batch may have: no message is read, whatever they are."""
    monkeypatch.setattr(shapes, "read", lambda *args: pytest.fail("a message was read"))
    body = b'{"batch": [' + b",".join([message] * 2_501) + b"]}"
    wrong = bodies.Unreadable if message.endswith(b'"') else bodies.TooMany
    with pytest.raises(wrong):
        shapes.seen(body, "batch", NOW)


def test_a_batch_of_as_many_as_it_may_have_is_read() -> None:
    """The limit is the most that is taken."""
    body = b'{"batch": [' + b",".join([b'{"type":"page"}'] * 3) + b"]}"
    assert shapes.seen(body, "batch", NOW, n_most=3).n == 3
    with pytest.raises(bodies.TooMany):
        shapes.seen(body, "batch", NOW, n_most=2)
