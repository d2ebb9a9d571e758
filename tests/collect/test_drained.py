"""Whoever must see all that was acknowledged drains the inbox first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.folder import create
from coterie.storage.inbox import Inbox
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


def acknowledge(project: Project, *messages: object) -> None:
    """Put one batch into the project's inbox."""
    folder = project.folder / folders.DATA / folders.INBOX
    inbox = Inbox(folder, project.pseudonymiser.inbox_key)
    body = json.dumps({"batch": messages}).encode()
    inbox.append([("web", "batch", NOW - 2_000_000, body)])
    inbox.close()


def test_run_answers_what_was_acknowledged_before_it(project: Project) -> None:
    """Those in the inbox are in the segment."""
    acknowledge(project, track(1), track(2))
    project.run("now")
    assert len(project.segments["lookers"].profiles()) == 2


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
