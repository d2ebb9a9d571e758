"""Sample people are asked of every engine, as the stores would hold them."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.samples import SampleReport
from tests.samples.conftest import Write

ANN = """\
people:
  ann:
    events:
      - name: Order Completed
        at: 2024-01-10T10:00
        properties:
          amount: 10.5
          gift: true
          due: 2024-02-01
          weight: 0.25
          lines: [{sku: lamp, quantity: 2}, {sku: "7", quantity: 1}]
      - {name: Order Completed, at: 2024-01-20T10:00Z, properties: {amount: 30}}
    expect:
"""
VALUES = {
    "orders": "2",
    "spend": "40.50",
    "share": "6.750000",
    "gift": "true",
    "due": "2024-02-01T00:00:00+00:00",
    "weight": "0.25",
    "pieces": "3",
    "active": "true",
    "mood": "regular",
    "may_analytics": "true",
    "may_marketing": "false",
}


def got(report: SampleReport, engine: str = "reference") -> dict[str, str]:
    """What an engine said, by name and date."""
    return {check.name: check.got[engine] for check in report.checks}


@pytest.mark.parametrize(("name", "value"), VALUES.items())
def test_value_is_written_as_people_write_it(samples: Write, name: str, value: str) -> None:
    """Every type has its spelling, and what is printed can be pasted."""
    report = samples(f"{ANN}      at: 2024-02-01\n      {name}: {value}\n").test()
    assert report.passed
    assert got(report) == got(report, "duckdb") == {name: value}


def test_every_instant_has_its_own_expectations(samples: Write) -> None:
    """As of each, by what had happened; the windows end at their exact instants."""
    report = samples(
        f"{ANN}"
        "      - {at: 2024-01-10T09:59, orders: 0, active: false, spend: null, mood: none}\n"
        "      - {at: 2024-01-10T10:00, orders: 1, due: 2024-02-01, gift: true, mood: new}\n"
        "      - {at: '2024-02-19T09:59:59.999999', active: true}\n"
        "      - {at: 2024-02-19T10:00, active: false}\n"
    ).test()
    assert (report.passed, len(report.checks)) == (True, 10)


def test_list_and_wrong_list_are_told_apart(samples: Write) -> None:
    """Order counts in a list."""
    found = got(samples(f"{ANN}      {{at: 2024-02-01, skus: []}}\n").test())["skus"]
    assert set(found) == set("[lamp, 7]")


def test_failure_says_expected_got_and_line(samples: Write) -> None:
    """The rest of the checks goes on."""
    report = samples(f"{ANN}      at: 2024-02-01\n      orders: 3\n      mood: regular\n").test()
    assert [check.passed for check in report.checks] == [False, True]
    [failed] = report.failed
    assert (failed.expected, failed.got) == ("3", {"reference": "2", "duckdb": "2"})
    assert failed.where == "tests/profiles.yaml:15"


def test_clock_without_offset_is_of_the_zone_of_the_project(samples: Write) -> None:
    """In events, properties and expectations alike."""
    text = f"{ANN}      {{at: 2024-01-10T10:00, orders: 1, due: '2024-01-31T23:00Z'}}\n"
    report = samples(text, "Europe/Paris").test()
    assert report.passed
    assert got(report)["due"] == "2024-02-01T00:00:00+01:00"


def test_grown_event_replaces_the_former(samples: Write) -> None:
    """`supersedes` names the id of an earlier event of the person."""
    report = samples(
        "people:\n  ann:\n    events:\n"
        "      - {name: Order Completed, at: 2024-01-10, id: A, properties: {amount: 1}}\n"
        "      - {name: Order Completed, at: 2024-01-10, supersedes: A, properties: {amount: 5}}\n"
        "    expect: {at: 2024-02-01, orders: 1, spend: 5}\n"
        "  bob:\n    events:\n"
        "      - {name: Order Completed, at: 2024-01-10, id: A, properties: {amount: 7}}\n"
        "    expect: {at: 2024-02-01, orders: 1, spend: 7}\n"
    ).test()
    assert report.passed


LEARNED = [
    ("ann", "2024-01-01", 1, 1),
    ("bob", "2024-01-02", 2, 2),
    ("cas", "2024-01-03", 3, 3),
    ("dee", "2024-02-02", 90, "null"),
]
PERSON = """\
  {}:
    events: [{{name: Order Completed, at: {}, properties: {{amount: {}}}}}]
    expect: {{at: 2024-02-01, rank: {}, usual: 2}}
"""
PEOPLE = "people:\n" + "".join(PERSON.format(*one) for one in LEARNED)


def test_models_learn_from_the_sample_people_of_that_instant(samples: Write) -> None:
    """Nobody who came later counts."""
    assert samples(PEOPLE).test().passed


def test_given_parameters_are_used_instead(samples: Write) -> None:
    """By the name of the trait that applies them; edges, values and models."""
    report = samples(
        "fitted:\n  rank: [0.5, 10]\n  usual: 7.25\n"
        "  kind: {mean: [0], scale: [1], high: [20], centroids: [[0], [30.0]]}\n"
        f"{ANN}      {{at: 2024-02-01, rank: 3, usual: 7.25, kind: 1}}\n"
    ).test()
    assert report.passed


def test_identifiers_are_hidden_as_in_the_stores(samples: Write) -> None:
    """A definition that looks for an address would find none in production, and finds none here."""
    report = samples(
        "people:\n  ann:\n    events:\n"
        "      - {name: Order Completed, at: 2024-01-10, properties: {email: ann@example.org}}\n"
        "    expect: {at: 2024-02-01, typed: 0, orders: 1}\n"
    ).test()
    assert report.passed


def test_person_without_events_can_be_expected(samples: Write) -> None:
    """Over nothing a count is 0 and a sum unknown."""
    assert (
        samples("people: {ann: {expect: {at: 2024-02-01, orders: 0, spend: null}}}").test().passed
    )


def test_postgres_is_asked_when_named(samples: Write, postgres: dict[str, Any]) -> None:
    """The third engine answers the same checks."""
    asked = dict(postgres)
    dsn = " ".join(f"{'dbname' if k == 'database' else k}={v}" for k, v in asked.items())
    report = samples(f"{ANN}      {{at: 2024-02-01, orders: 2, spend: 40.5, skus: [a]}}\n").test(
        postgres=dsn
    )
    assert report.engines == ["reference", "duckdb", "postgres"]
    assert [check.passed for check in report.checks] == [True, True, False]
    assert got(report, "postgres") == got(report)


def test_recipe_brings_samples_that_pass(tmp_path: Any) -> None:
    """`init --recipe retail` begins with definitions that were tried, in any zone."""
    create(tmp_path / "shop", "retail", "Pacific/Kiritimati")
    assert Project(tmp_path / "shop").test().passed


def test_command_prints_and_fails(samples: Write) -> None:
    """Exit 0 where all is as expected, 1 where an engine says otherwise, with the line."""
    folder = samples(f"{ANN}      at: 2024-02-01\n      orders: 3\n      mood: regular\n").folder
    done = CliRunner().invoke(app, ["-p", str(folder), "test"])
    assert done.exit_code == 1
    assert "FAIL  orders at 2024-02-01 00:00:00 +00:00: expected 3, got 2" in done.output
    assert "1 passed, 1 failed" in done.output
    file = folder / "other.yaml"
    file.write_text(f"{ANN}      at: 2024-02-01\n      orders: 2\n")
    done = CliRunner().invoke(app, ["-p", str(folder), "test", str(file), "--json"])
    assert done.exit_code == 0
    assert '"passed": true' in done.output


def test_trial_writes_nothing_into_the_project(samples: Write) -> None:
    """It needs neither the key nor the data, so it runs wherever the definitions are kept."""
    project = samples(f"{ANN}      {{at: 2024-02-01, orders: 2}}\n")
    before = sorted(project.folder.rglob("*"))
    project.test()
    assert sorted(p for p in project.folder.rglob("*") if "__pycache__" not in str(p)) == before
