"""Law 13: a destination is told of the audience, which is who is in it and allows the use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.activate.webhooks.messages import Change
from coterie.storage.deliveries import Delivery
from coterie.storage.ledger import Run
from tests.activate.webhooks.outside import BEGAN, HOUR, SECOND, Outside
from tests.activate.webhooks.receiver import Receiver, status


def test_whoever_does_not_allow_it_is_told_of_to_nobody(
    outside: Outside, receiver: Receiver
) -> None:
    """Without consent there is no entrance and no exit."""
    outside.add(receiver.url)
    outside.people.refusing = {"ann"}
    outside.enter("ann", "bob")
    outside.leave("ann", "bob")
    outside.deliver()
    assert {who for who, _, _ in receiver.told()} == {"bob"}


def test_consent_that_is_given_enters_and_withdrawn_exits(
    outside: Outside, receiver: Receiver
) -> None:
    """A change of consent is a change of the audience, with its own cause and no traits."""
    outside.add(receiver.url, traits=["spend"])
    outside.people.traits, outside.people.refusing = {"spend": 5}, {"ann"}
    outside.enter("ann")
    outside.deliver()
    for may in (True, False, True):
        outside.permit("ann", may)
        outside.deliver()
    said = [(m["type"], m["data"]["cause"], m["data"]["traits"]) for m in receiver.messages]
    assert said == [
        ("audience.entered", "consent", {"spend": 5}),
        ("audience.exited", "consent", {}),
        ("audience.entered", "consent", {"spend": 5}),
    ]
    assert receiver.messages[1]["data"]["reason"] == "the person's permission changed"


def test_consent_of_somebody_outside_changes_nothing(outside: Outside, receiver: Receiver) -> None:
    """Whoever is in no segment enters and leaves no audience."""
    outside.add(receiver.url)
    for may in (False, True, False):
        outside.permit("ann", may)
        outside.deliver()
    assert receiver.attempts == []


def test_an_entrance_that_waits_is_dropped_when_consent_is_withdrawn(
    outside: Outside, receiver: Receiver
) -> None:
    """Nothing more is said of them, but that they left: the entrance may have arrived."""
    outside.add(receiver.url)
    receiver.answering, receiver.accepts = status(500), False
    outside.enter("ann")
    outside.deliver()
    receiver.answering, receiver.accepts = status(200), True
    outside.permit("ann", may=False)
    outside.wait(HOUR)
    assert receiver.told() == [("ann", "audience.exited", "hesitant")]
    assert outside.fates() == {"delivered": 1, "dropped.withdrawn": 1}


def test_a_stricter_basis_takes_people_out_at_once(outside: Outside, receiver: Receiver) -> None:
    """What nobody records, as an edit of the settings, is seen while it runs and at a start."""
    outside.add(receiver.url)
    outside.enter("ann", "bob", "cem")
    outside.deliver()
    outside.people.refusing, outside.people.basis = {"ann"}, "stricter"
    outside.deliver()
    assert receiver.told()[3:] == [("ann", "audience.exited", "hesitant")]
    outside.people.refusing = {"ann", "bob"}
    outside.deliverer = outside.another()
    outside.deliver()
    assert receiver.told()[4:] == [("bob", "audience.exited", "hesitant")]


def test_who_was_inside_before_is_told_of_when_they_leave(
    outside: Outside, receiver: Receiver
) -> None:
    """The audience at the beginning is known, though nobody was told of it."""
    outside.enter("ann", "bob")
    outside.destinations.add(
        "crm", receiver.url, ["hesitant"], [],
        outside.pseudonymiser.seal(receiver.secret.encode()), outside.now,
        [("ann", "hesitant", "")],
    )  # fmt: skip
    outside.leave("ann", "bob")
    outside.deliver()
    assert receiver.told() == [("ann", "audience.exited", "hesitant")]


def test_a_run_that_was_half_enqueued_is_told_whole_and_once(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between two parts of a run's changes repeats none and loses none."""
    outside.add("http://127.0.0.1:1/", name="crm")
    outside.runs[1] = [
        Change(f"r1.{i}", f"p{i}", "hesitant", "", "entered", BEGAN, 1, "run", "")
        for i in range(1200)
    ]
    outside.ledger.add_run(
        Run(offset=1, clock=BEGAN, definitions_hash="", committed_at=BEGAN, counts={})
    )
    kept, real = [0], outside.deliveries.enqueue

    def killed(*said: object) -> bool:
        kept[0] += 1
        if kept[0] == 3:
            raise KeyboardInterrupt
        return real(*said)  # type: ignore[arg-type]

    outside.destinations.pause(1, BEGAN, "")
    with monkeypatch.context() as patched:
        patched.setattr(outside.deliveries, "enqueue", killed)
        with pytest.raises(KeyboardInterrupt):
            outside.deliver()
    assert outside.fates() == {"waiting": 1000}
    outside.another().deliver()
    assert outside.fates() == {"waiting": 1200}
    numbers = [row.sequence for row in outside.deliveries.list(most=2000)]
    assert sorted(numbers) == list(range(1, 1201))


WHAT = ("enter", "leave", "allow", "refuse", "deliver", "restart", "wait", "fail")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.sampled_from(["ann", "bob", "cem"]),
        st.sampled_from(["hesitant", "vip"]),
    ),
    max_size=25,
)


@settings(max_examples=30)
@given(steps=STEPS)
def test_what_was_told_adds_up_to_the_audience(
    tmp_path_factory: object, steps: list[tuple[str, str, str]]
) -> None:
    """Whatever happens in between: deliveries in their order are the audience, each changes it."""
    folder: Path = tmp_path_factory.mktemp("law")  # type: ignore[attr-defined]
    outside = Outside(folder)
    try:
        _law(outside, steps)
    finally:
        outside.ledger.close()


def _law(outside: Outside, steps: list[tuple[str, str, str]]) -> None:
    made = outside.add("http://127.0.0.1:1/", "hesitant", "vip")
    for what, who, segment in steps:
        inside = segment in outside.people.inside.get(who, set())
        if what == "enter" and not inside:
            outside.enter(who, segment=segment)
        elif what == "leave" and inside:
            outside.leave(who, segment=segment)
        elif what in ("allow", "refuse"):
            outside.permit(who, may=what == "allow")
        elif what == "wait":
            outside.set(outside.now + SECOND)
        else:
            _work(outside, what)
    outside.deliver()
    rows = list(reversed(outside.deliveries.list(most=1000)))
    audience = {
        (who, segment)
        for who, held in outside.people.inside.items()
        for segment in held
        if who not in outside.people.refusing
    }
    assert folded(rows) == audience
    assert {(p, s) for p, s, _ in outside.destinations.told(made.id, ["ann", "bob", "cem"])} == (
        audience
    )
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.message for row in rows}) == len(rows)
    assert sum(outside.fates().values()) == len(rows)
    first = [row for row in rows if row.fate == "waiting" and row.due_at is not None]
    assert Counter(row.profile for row in first) == Counter(
        {row.profile for row in rows if row.fate == "waiting"}
    )


def _work(outside: Outside, what: str) -> None:
    if what == "restart":
        outside.deliverer = outside.another()
    elif what == "fail":
        outside.wait(5 * 24 * HOUR)
    else:
        outside.deliver()


def folded(rows: list[Delivery]) -> set[tuple[str, str]]:
    """Who is inside after these deliveries, each of which changes it."""
    inside: set[tuple[str, str]] = set()
    for row in rows:
        place = row.profile, row.segment
        assert (place in inside) == (row.change == "exited")
        inside.symmetric_difference_update({place})
    return inside
