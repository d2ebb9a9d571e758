"""A tracking plan is checked before it takes effect, kept when it does, and watched after."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.collect.gate import Gate
from coterie.errors import PlanError, ProjectError
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.planfile import PlanStore, load, save
from coterie.project.planning.following import LOOK, Followed
from tests.project.shop import Shop, at

pytestmark = pytest.mark.xdist_group("planning")
FILE = "shop.toml"


@pytest.fixture
def kept(ran: Shop) -> Shop:
    """A shop whose run recorded its plan."""
    return ran


def edit(shop: Shop, **said: object) -> None:
    """Declare the amount of an order otherwise, or not at all."""
    file = next(path for path in (shop.folder / "tracking_plan").glob("*.toml")
                if "Order Completed" in load(path).events)  # fmt: skip
    plan = load(file)
    order = plan.events["Order Completed"]
    properties = {"amount": msgspec.structs.replace(order.properties["amount"], **said)}
    events = plan.events | {
        "Order Completed": msgspec.structs.replace(order, properties=properties if said else {})
    }
    save(msgspec.structs.replace(plan, events=events), file)


def coterie(shop: Shop, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["plan", *words, "-p", str(shop.folder)])
    return done.exit_code, done.stdout


def test_nothing_breaks_where_nothing_changed(kept: Shop) -> None:
    """The run recorded the plan; its check passes, on the screen as well."""
    report = kept.project.planning.check()
    assert (report.version, report.changes, report.breaking) == (1, [], False)
    assert coterie(kept, "check") == (0, "no event or property differs\n\ncompatible\n")


def test_a_narrower_property_says_what_it_would_refuse(kept: Shop) -> None:
    """Of the stored events of the days before the newest; and the command exits with 1."""
    edit(kept, max=Decimal(50))
    report = kept.project.planning.check()
    assert [(one.where, one.change) for one in report.changes] == [
        ("Order Completed.amount", "narrower")
    ]
    assert [(one.where, one.refused, one.stored) for one in report.effects] == [
        ("Order Completed.amount", 1, 3)
    ]
    code, text = coterie(kept, "check", "--days", "400")
    assert code == 1
    assert "Order Completed.amount: 1 of 5" in text
    assert "breaking" in text


def test_a_type_that_changes_breaks_definitions_and_values(kept: Shop) -> None:
    """The sum of it cannot be meant any more; every stored value would be refused."""
    edit(kept, type="text", scale=0)
    report = kept.project.planning.check(days=400)
    assert report.breaking
    assert any("spend" in told for told in report.definitions)
    assert [(one.refused, one.stored) for one in report.effects] == [(5, 5)]
    edit(kept, type="text", scale=0, mode="coerce")
    assert kept.project.planning.check(days=400).effects == []


def test_a_property_that_goes_breaks_what_names_it(kept: Shop) -> None:
    """With the definition's place."""
    edit(kept)
    report = kept.project.planning.check()
    assert [(one.change, one.breaking) for one in report.changes] == [("removed", True)]
    assert report.definitions


def test_a_property_is_judged_by_what_came_unplanned(kept: Shop) -> None:
    """What was stored beside the others is asked, too, before the property is planned."""
    events = [
        Event(source="web", message_id=str(i), name="Seen", occurred_at=at("2024-02-28"),
              received_at=at("2024-02-28"), user_id="ann",
              properties={"n": value} if value is not None else {})
        for i, value in enumerate([1, Decimal("2.5"), "three", None])
    ]  # fmt: skip
    plan = TrackingPlan(events={"Seen": PlannedEvent()})
    kept.project.receive(plan, [events])
    kept.project.run("2024-03-02")
    save(TrackingPlan(events={"Seen": PlannedEvent(
        properties={"n": Property(type="integer", required=True)})}),
        kept.folder / "tracking_plan" / "events.toml")  # fmt: skip
    (effect,) = kept.project.planning.check().effects
    assert (effect.where, effect.refused, effect.stored) == ("Seen.n", 3, 4)


def test_a_plan_that_cannot_be_used_is_refused_by_the_check(kept: Shop) -> None:
    """Not first by the events that come."""
    edit(kept, type="text", scale=0, pattern="(a+)+b")
    with pytest.raises(PlanError, match="too long"):
        kept.project.planning.check()


def test_a_run_keeps_the_plan_and_warns_of_what_it_broke(kept: Shop) -> None:
    """Each version once; a plan that comes back is a version again; compatible edits are quiet."""
    assert [one.version for one in kept.project.planning.versions().versions] == [1]
    edit(kept, min=Decimal(0))
    notes = kept.project.run("2024-03-02").notes
    assert any("min: none, now 0 (coterie plan diff 1 2)" in note for note in notes)
    assert kept.project.run("2024-03-03").notes == []
    edit(kept, min=None)
    assert kept.project.run("2024-03-04").notes == []
    versions = kept.project.planning.versions().versions
    assert [one.version for one in versions] == [1, 2, 3]
    assert versions[0].hash == versions[2].hash
    assert kept.project.planning.differences(1, 3).changes == []
    assert [one.breaking for one in kept.project.planning.differences(1, 2).changes] == [True]
    with pytest.raises(ProjectError, match="no such version"):
        kept.project.planning.differences(9)
    assert coterie(kept, "diff", "1", "2")[1] == (
        "! Order Completed.amount narrower: min: none, now 0\n"
    )
    assert len(coterie(kept, "versions")[1].splitlines()) == 4


def test_a_plan_is_compared_with_files(kept: Shop, tmp_path: Path) -> None:
    """Without a project's history, as where it is checked before it is merged."""
    save(TrackingPlan(events={"Gone": PlannedEvent()}), tmp_path / "old.toml")
    for against in (tmp_path, tmp_path / "old.toml"):
        report = kept.project.planning.check(against)
        assert report.version is None
        assert "Gone" in [one.where for one in report.changes if one.breaking]


def test_a_project_that_never_ran_has_nothing_to_compare(shop: Shop) -> None:
    """It says so, and is compatible."""
    report = shop.project.planning.check()
    assert report.notes
    assert not report.breaking
    assert coterie(shop, "versions")[1] == "no run has recorded a tracking plan yet\n"


def test_violations_are_shown_by_day(kept: Shop) -> None:
    """By property, source, rule and action; as JSON as well."""
    assert coterie(kept, "violations") == (0, "everything was as planned\n")
    edit(kept, mode="observe")
    odd = Event(source="web", message_id="x", name="Order Completed", occurred_at=0, received_at=0,
                properties={"amount": "much"})  # fmt: skip
    kept.project.receive(TrackingPlan(), [[odd]])
    (found,) = kept.project.planning.violations().violations
    told = (found.day, found.source, found.event, found.path, found.rule, found.action, found.n)
    assert told == (
        "2024-03-01", "web", "Order Completed", "properties.amount", "type", "observed", 1,
    )  # fmt: skip
    code, text = coterie(kept, "violations", "--json", "--days", "100000")
    assert code == 0
    assert json.loads(text)["violations"][0]["n"] == 1
    assert "much" not in text
    run = kept.project.run("2024-03-02")  # what was observed breaks no definition
    assert run.people == 4


def test_a_draft_is_written_and_overwrites_nothing(kept: Shop, tmp_path: Path) -> None:
    """From the log, of one source or of what is not planned."""
    out = tmp_path / "draft.toml"
    assert coterie(kept, "draft", "--out", str(out))[0] == 0
    assert load(out).events["Order Completed"].properties["amount"].type == "decimal"
    assert coterie(kept, "draft", "--out", str(out))[0] == 1
    assert coterie(kept, "draft", "--new")[1] == "version = 1\n"
    assert coterie(kept, "draft", "--source", "nowhere")[1] == "version = 1\n"


class Drained:
    """A drain that says by which plan it would judge."""

    def __init__(self, collector: object) -> None:
        self.collector = collector
        self.end = self.behind = 3

    def drain(self, now: int, most: int = 1) -> int:
        return most


def test_an_edit_counts_for_what_is_drained_next(tmp_path: Path) -> None:
    """Within a second; a plan that cannot be used, or that says the same, changes nothing."""
    plans, made = PlanStore(tmp_path), list[TrackingPlan]()

    def collector(plan: TrackingPlan) -> SimpleNamespace:
        Gate(plan)
        made.append(plan)
        return SimpleNamespace(plan=plan, close=lambda: None)

    save(TrackingPlan(mode="observe"), tmp_path / "plan.toml")
    closed: list[str] = []
    first = SimpleNamespace(plan=plans.load(), close=lambda: closed.append("first"))
    door = Followed(Drained(first), plans, collector)  # type: ignore[arg-type]
    assert (door.drain(10**6), door.drain(10**6, 7), door.end, door.behind) == (1, 7, 3, 3)
    save(TrackingPlan(mode="coerce", events={"E": PlannedEvent()}), tmp_path / "plan.toml")
    door.drain(10**6 + LOOK - 1)
    assert (made, closed) == ([], [])
    door.drain(10**6 + LOOK)
    assert closed == ["first"]
    assert [plan.mode for plan in made] == ["coerce"]
    assert door.collector.plan is made[0]
    (tmp_path / "plan.toml").write_text("no plan")
    door.drain(10**7)
    bad = PlannedEvent(properties={"x": Property(type="text", pattern="(a+)+b")})
    save(TrackingPlan(events={"E": bad}), tmp_path / "plan.toml")
    door.drain(2 * 10**7)
    (tmp_path / "words.toml").write_text("version = 1\n")
    save(made[0], tmp_path / "plan.toml")
    door.drain(3 * 10**7)
    assert len(made) == 1
    assert door.collector.plan is made[0]
