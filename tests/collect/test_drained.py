"""Whoever must see all that was acknowledged drains the inbox first."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from coterie.cli.summaries import standing
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.language.time import DAY
from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.folder import create
from coterie.project.receiving import drained
from coterie.project.reports import StatusReport
from coterie.storage import known
from coterie.storage.inbox import Inbox
from coterie.storage.ledger import Refused
from tests.collect.waiting import NOW, track

DEFINITIONS = """\
from coterie import event, segment

lookers = segment(event("Looked").any())
"""
PLAN = """\
version = 1
[events.Looked.properties]
n = { type = "integer" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    create(tmp_path / "shop")
    (tmp_path / "shop/definitions.py").write_text(DEFINITIONS)
    (tmp_path / "shop/tracking_plan/web.toml").write_text(PLAN)
    clock = datetime.fromtimestamp(NOW // 1_000_000, UTC)
    with Project(tmp_path / "shop", lambda: clock) as opened:
        yield opened


def acknowledge(project: Project, *messages: object, at: int = NOW - 2_000_000) -> None:
    """Put one batch into the project's inbox."""
    folder = project.folder / folders.DATA / folders.INBOX
    inbox = Inbox(folder, project.pseudonymiser.inbox_key)
    body = json.dumps({"batch": messages}).encode()
    inbox.append([("web", "batch", at, body)])
    inbox.close()


def test_run_answers_what_was_acknowledged_before_it(project: Project) -> None:
    """Those in the inbox are in the segment."""
    acknowledge(project, track(1), track(2))
    project.run("now")
    assert len(project.segments["lookers"].profiles()) == 2


def test_replay_begins_with_what_was_acknowledged(project: Project) -> None:
    """Its people are in the stream's segment."""
    acknowledge(project, track(1), track(2))
    assert project.stream.replay().people == 2
    assert project.status().stored == 2


def test_nobody_comes_back_from_the_inbox_after_an_erasure(project: Project) -> None:
    """Not even somebody whom only the inbox knew."""
    acknowledge(project, track(1))
    project.run("now")
    acknowledge(project, track("1b", userId="u1"), track(2))
    assert project.erase("u1").n_events == 2
    acknowledge(project, track(3))
    assert project.erase("u3").n_events == 1
    project.run("now")
    assert len(project.segments["lookers"].profiles()) == 1
    assert project.status().balanced


def test_quarantine_is_replayed_after_the_inbox_is_drained(project: Project) -> None:
    """What waits is judged, and tried again at once."""
    acknowledge(project, track(1, properties={"n": "one"}))
    assert project.replay().n_replayed == 1
    assert project.status().quarantined == 1


def test_status_tells_what_waits_and_for_how_long(project: Project) -> None:
    """Beside what has its fate; nothing of the inbox where there never was one."""
    assert project.status().inbox is None
    acknowledge(project, track(1), track(2))
    found = project.status()
    assert found.inbox is not None
    assert (found.inbox.waiting, found.inbox.lag, found.received) == (1, 2_000_000, 0)
    assert "1 request waits, the first for 0 min 2.0 s" in _shown(found)
    project.run("now")
    found = project.status()
    assert found.inbox is not None
    assert (found.inbox.waiting, found.inbox.drained, found.received) == (0, 1, 2)
    assert "0 requests wait;" in _shown(found)


def _shown(report: StatusReport) -> str:
    console = Console(width=200)
    with console.capture() as captured:
        console.print(standing(report))
    return captured.get()


def test_nothing_of_an_erased_person_is_left_in_the_inbox(project: Project) -> None:
    """Not even sealed: their segment goes although it is not full."""
    acknowledge(project, track(1))
    project.erase("u1")
    files = (project.folder / folders.DATA / folders.INBOX).glob("*.segment")
    assert sum(file.stat().st_size for file in files) < 200


def test_events_that_a_program_gave_are_exported_mended_and_tried_again(project: Project) -> None:
    """They have no import; their JSON is what is mended."""
    bad = Event(
        source="app", message_id="1", name="Looked", occurred_at=NOW, received_at=NOW,
        user_id="u1", properties={"n": "one"},
    )  # fmt: skip
    assert project.receive(TrackingPlan(), [[bad]]).quarantined == 1
    path = project.folder / "bad.csv"
    assert project.quarantine.export(path) == 1
    assert project.replay().n_refused == 1
    assert project.status().quarantined == 1
    text = path.read_text("utf-8")
    path.write_text(text.replace('""one""', "{"), "utf-8")
    assert project.replay(path).n_refused == 1
    assert [row.reason for row in project.quarantine.list()] == ["broken_json"]
    project.quarantine.export(path)
    with path.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    path.write_text(text.replace('""one""', "1").replace(",wrong_type,", ",,"), "utf-8")
    again = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([again[0], row["_id"] + again[1][again[1].index(",") :]]), "utf-8")
    assert project.replay(path).n_refused == 0
    found = project.status()
    assert (found.stored, found.quarantined, found.balanced) == (1, 0, True)


def test_project_says_how_long_an_event_is_known(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least: they are let go a run of keys at a time."""
    monkeypatch.setattr(known, "RUN", 2)
    with (project.folder / "coterie.toml").open("a") as file:
        file.write("[collect]\nhorizon_days = 1\n")
    with Project(project.folder) as short:
        for n, day in enumerate([0, 0, 0, 3, 3, 3, 3, 0]):
            acknowledge(short, track(n % 7), at=NOW + day * DAY)
            with short.writing() as stores:
                drained(short, stores)
        assert (short.status().stored, short.status().duplicate) == (8, 0)


def test_event_that_was_kept_before_there_were_routes_is_tried_again(project: Project) -> None:
    """It was sealed as it is, without how it came."""
    said = Event(source="app", message_id="1", name="Looked", occurred_at=NOW, received_at=NOW)
    with project.writing() as stores:
        sealed = project.pseudonymiser.seal(msgspec.json.encode(said))
        row = Refused(
            id="old", source="app", file="", row=0, reason="future", detail="", sealed=sealed,
            at=NOW,
        )  # fmt: skip
        stores.ledger.quarantine([row])
    assert project.quarantine.export(project.folder / "old.csv") == 1
    assert project.replay().n_refused == 0
    assert (project.status().stored, project.status().balanced) == (1, True)
