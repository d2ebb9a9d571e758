"""Who was in a segment on a day: as believed then, as known now, and only who may be used."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from coterie.errors import NoPurpose, ProjectError, UnknownName
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.consent import CONSENT, PLANNED
from tests.history.edits import FEWER, WIDER, edited
from tests.project.shop import DEFINITIONS, MORE, Shop, at

PLAN = TrackingPlan(events={CONSENT: PLANNED})


def listed(shop: Shop, name: str, **when: str) -> set[str]:
    """Who is listed, by their raw ids."""
    raw = {shop.person(one): one for one in ("ann", "bob", "cas", "dee", "eve")}
    return {raw[profile] for profile in shop.project.members(name, **when).frame["profile"]}


def said(shop: Shop, *events: Event) -> None:
    """Store events as a website sends them."""
    received = shop.project.receive(PLAN, [list(events)])
    assert received.stored == len(events)


def answer(message: str, when: str, *, granted: bool, **who: str) -> Event:
    """A person's word on marketing."""
    properties = {"purpose": "marketing", "granted": granted}
    return Event(
        source="web", message_id=message, name=CONSENT, occurred_at=at(when),
        received_at=at(when), properties=properties, **who,
    )  # fmt: skip


def test_members_of_a_day_are_those_of_the_last_run_by_then(months: Shop) -> None:
    """Nothing was computed between two runs, so nothing else was believed."""
    for day, people in (
        ("2024-01-15", {"ann"}), ("2024-02-14", {"ann"}), ("2024-02-15", {"ann", "bob"}),
        ("2024-03-14T23:59:59.999999Z", {"ann", "bob"}), ("2024-03-15", {"cas", "dee"}),
        ("2030-01-01", {"cas", "dee"}),
    ):  # fmt: skip
        assert listed(months, "active", on=day) == people
    assert listed(months, "active") == {"cas", "dee"}


def test_belief_and_knowledge_of_one_day_differ_by_what_came_late(months: Shop) -> None:
    """Bob's order of that morning and Eve's of the next day were imported in March."""
    months.imported(MORE, name="more").project.run("2024-03-15")
    assert listed(months, "best", on="2024-02-20") == listed(months, "best", on="2024-02-15")
    assert listed(months, "best", at="2024-02-20") == {"bob"}
    assert listed(months, "active", on="2024-02-20") == {"ann", "bob"}
    assert listed(months, "active", at="2024-02-20") == {"ann", "bob", "eve"}


def test_belief_is_by_the_definitions_of_then(months: Shop) -> None:
    """An edit changes what is known of January, not what was believed."""
    edited(months, WIDER).project.run("2024-03-15")
    assert listed(months, "active", on="2024-03-01") == {"ann", "bob"}
    assert listed(months, "active", on="2024-03-15") == {"ann", "bob", "cas", "dee"}
    report = months.project.members("active", on="2024-03-01")
    assert (report.version, report.known) == (1, False)


def test_members_say_since_when_and_why(months: Shop) -> None:
    """The clock of the run that let them in; who left and came back is in since the return."""
    edited(months, WIDER).project.run("2024-03-15")
    frame = months.project.segments["active"].members()
    assert frame.columns == ["profile", "since", "cause"]
    since = {
        p: (str(s)[:10], c) for p, s, c in zip(*(frame[n] for n in frame.columns), strict=True)
    }
    assert since == {
        months.person("ann"): ("2024-03-15", "edit"), months.person("bob"): ("2024-03-15", "edit"),
        months.person("cas"): ("2024-03-15", "run"), months.person("dee"): ("2024-03-15", "run"),
    }  # fmt: skip
    assert months.project.segments["active"].members(at="2024-02-20")["since"] == [None, None]


def test_who_may_not_be_used_is_counted_and_not_listed(months: Shop) -> None:
    """Of three buyers in February only Ann's consent to marketing stood."""
    report = months.project.members("bought", on="2024-02-15")
    assert (report.holds, report.audience, report.purpose) == (2, 1, "marketing")
    assert listed(months, "bought", on="2024-02-15") == {"ann"}
    assert report.message == "2 hold, 1 are listed: 1 might not be used for marketing then"


@pytest.mark.parametrize("how", ["on", "at"])
def test_withdrawal_counts_for_the_past_as_well(months: Shop, how: str) -> None:
    """Bob might be used in January and withdrew in February: he is listed nowhere any more."""
    known = months.project.members("bought", at="2024-01-25")
    assert (known.holds, known.audience, len(known.people)) == (2, 2, 1)
    assert "1 may not be used for marketing any more" in known.message
    assert "bob" not in listed(months, "bought", **{how: "2024-01-25"})


def test_withdrawal_after_the_last_run_counts_at_once(months: Shop) -> None:
    """It is not waited for until the clock moves, nor until the lake has read it."""
    assert listed(months, "bought") == {"ann"}
    said(months, answer("c", "2024-03-15T08:00:00Z", granted=False, user_id="ann"))
    months.now = months.now.replace(hour=12)
    report = months.project.members("bought")
    assert (report.holds, report.audience, report.people) == (4, 1, [])


def test_consent_after_the_day_opens_nothing_of_it(months: Shop) -> None:
    """Cas agrees in March; in February nobody might use her, so that list stays without her."""
    said(months, answer("c", "2024-03-01", granted=True, user_id="cas"))
    months.project.run("2024-03-15")
    assert listed(months, "bought", at="2024-02-28") == {"ann"}
    assert listed(months, "bought", at="2024-03-02") == {"ann", "cas"}


def test_device_that_became_a_person_is_asked_about_as_that_person(months: Shop) -> None:
    """A device said yes and was listed; its owner, identified later, says no."""
    visit = answer("d1", "2024-03-14", granted=True, anonymous_id="phone")
    said(months, visit)
    text = DEFINITIONS + 'word = segment(event("Consent Updated").any(), purpose="marketing")\n'
    edited(months, text).project.run("2024-03-15")
    phone = months.project.pseudonymiser.anonymous("phone")
    assert phone in months.project.members("word").frame["profile"]
    when = "2024-03-15T06:00:00Z"
    said(months, answer("d2", when, granted=False, anonymous_id="phone", user_id="zoe"))
    months.now = months.now.replace(hour=12)
    for _ in ("in the log alone", "in the lake"):
        report = months.project.members("word")
        assert phone not in report.frame["profile"]
        assert report.audience - len(report.people) == 1
        months.imported(MORE, name="more")


def test_members_of_a_removed_segment_are_for_its_own_purpose(months: Shop) -> None:
    """Its last definition says what its people were for; undeclared purposes open nothing."""
    text = "\n".join(line for line in DEFINITIONS.splitlines() if not line.startswith("bought"))
    edited(months, text).project.run("2024-03-15")
    assert listed(months, "bought", on="2024-02-15") == {"ann"}
    assert months.project.members("bought").holds == 0
    settings = months.folder / "coterie.toml"
    settings.write_text(settings.read_text().replace("[purposes.marketing]", "[purposes.selling]"))
    months.project.close()
    months.project = months.open()
    with pytest.raises(NoPurpose, match="does not declare"):
        months.project.members("bought", on="2024-02-15")


def test_stages_are_asked_one_at_a_time(months: Shop) -> None:
    """Also a stage that is defined no more."""
    assert listed(months, "mood.regular", on="2024-02-15") == {"ann"}
    with pytest.raises(UnknownName, match="one of the stages") as refused:
        months.project.members("mood", on="2024-02-15")
    assert "mood.new" in refused.value.hint
    edited(months, DEFINITIONS.replace('"regular"', '"often"')).project.run("2024-03-15")
    assert listed(months, "mood.regular", on="2024-03-14") == {"ann"}
    assert listed(months, "mood.often") == {"ann"}


def test_erased_person_is_listed_on_no_day(months: Shop) -> None:
    """Neither by belief nor by knowledge."""
    months.project.erase("ann")
    assert listed(months, "active", on="2024-02-15") == {"bob"}
    assert listed(months, "active", at="2024-02-15") == {"bob"}
    assert months.project.members("bought", on="2024-02-15").people == []


def test_nothing_was_believed_before_the_first_run(months: Shop) -> None:
    """The error names the first run's clock, and the other question."""
    with pytest.raises(ProjectError, match="by then") as refused:
        months.project.members("active", on="2024-01-14")
    assert "2024-01-15" in refused.value.expected
    assert "--at" in refused.value.hint


def test_one_question_at_a_time(months: Shop) -> None:
    """Belief and knowledge are two answers."""
    with pytest.raises(ProjectError, match="believed then or what is known now"):
        months.project.members("active", on="2024-02-15", at="2024-02-15")


@pytest.mark.parametrize("name", ["spend", "nothing", "mood.best", "active.in"])
def test_what_has_no_members_is_refused(months: Shop, name: str) -> None:
    """Both ways."""
    for when in ({}, {"at": "2024-02-15"}):
        with pytest.raises(UnknownName):
            months.project.members(name, **when)


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_looking_back_and_forward_writes_nothing(months: Shop) -> None:
    """Every byte of the data folder is as it was, though a fit as of then was needed."""
    edited(months, FEWER + "rare = segment(quantile_rank(orders, 2) == 1)\n").project.close()
    before = bytes_of(months.folder / "data")
    with months.open() as cdp:
        cdp.preview()
        cdp.versions()
        cdp.differences()
        for name in ("active", "mood", "rare"):
            cdp.history(name, known=True)
        cdp.history("best")
        cdp.members("active", on="2024-02-15")
        cdp.members("rare", at="2024-02-15")
    assert bytes_of(months.folder / "data") == before
