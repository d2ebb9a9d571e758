"""A server and whoever else writes to its project give each other turns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.errors import StoreError
from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.lock import collecting
from coterie.project.receiving import waiting
from coterie.storage.inbox.folder import present
from tests.server.load import Load
from tests.server.served import PLAIN, Served, track, until

DEFINITIONS = """\
from coterie import event, segment

lookers = segment(event("Looked").any())
"""
PLAN = """\
version = 1
[events.Looked.properties]
n = { type = "integer" }
"""
ORDERS = "order_id,customer_id,order_date,amount\n1,ann,2026-01-02T10:00:00Z,300\n"


@pytest.fixture
def defined(shop: Served) -> Served:
    """A shop with a segment of whoever looked."""
    (shop.folder / "definitions.py").write_text(DEFINITIONS)
    (shop.folder / "tracking_plan" / "web.toml").write_text(PLAN)
    return shop.start()


def test_imports_runs_and_erasures_have_their_turns(defined: Served, tmp_path: Path) -> None:
    """While events keep coming, which are all taken; what was taken is in the run's answer."""
    (tmp_path / "orders.csv").write_text(ORDERS)
    load = Load(defined, "t", seed=4, n_senders=2).start()
    until(lambda: load.acknowledged)
    with Project(defined.folder) as project:
        assert project.import_([tmp_path / "orders.csv"]).balanced
        before = set(load.acknowledged)
        project.run("now")
        people = set(project.segments["lookers"].profiles()["profile"])
        seen = {project.pseudonymiser.person(f"u{name[1:]}") for name in before}
        assert seen <= people
        one, last = sorted(before)[0], waiting(project).end()
        assert project.erase(f"u{one[1:]}").n_events == 1
        left = present(defined.folder / folders.DATA / folders.INBOX)
        assert left[0] > last, "requests from before the erasure are in the inbox"
    load.end()
    assert load.statuses == {200}
    assert defined.stop() == 0
    assert load.acknowledged - {one} <= set(defined.message_ids()) <= load.sent - {one} | {"1"}
    assert defined.status()["balanced"]


def test_stream_and_server_share_a_project(defined: Served) -> None:
    """What comes in is in the stream while both go on."""
    assert defined.post("/v1/track", track("first")).status == 200
    load = Load(defined, "r", seed=5, n_senders=1).start()
    command = [
        sys.executable,
        "-c",
        "from coterie.cli.main import run; run()",
        "replay",
        "--follow",
    ]
    follower = subprocess.Popen(
        command, cwd=defined.folder, env=os.environ | PLAIN | {"COTERIE_COMPILED": "0"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with follower:
        until(lambda: len(load.acknowledged) > 100)
        with Project(defined.folder) as project:
            end = project.stores.log.end()
            until(lambda: (found := project.status().stream) is not None and found.offset > end)
        load.end()
        follower.terminate()
        _, errors = follower.communicate(timeout=180)
    assert follower.returncode == 0, errors
    assert load.statuses == {200}


def test_nobody_who_writes_keeps_a_request_waiting(shop: Served) -> None:
    """However long an import or a run holds the project; what was taken is stored afterwards."""
    shop.start()
    with Project(shop.folder) as project, project.writing():
        for n in range(3):
            assert shop.post("/v1/track", track(n)).status == 200
        assert project.stores.log.end() == 0
    assert shop.message_ids() == ["m0", "m1", "m2"]
    assert shop.status()["balanced"]


def test_project_has_one_collector(shop: Served) -> None:
    """A second one is told so, and the first goes on."""
    with collecting(shop.folder / folders.DATA / ".lock"):
        with pytest.raises(AssertionError, match="another process collects events"):
            shop.start()
        with pytest.raises(StoreError), collecting(shop.folder / folders.DATA / ".lock"):
            pass
    assert shop.start().stop() == 0


def test_what_the_plan_refuses_is_acknowledged_and_quarantined(defined: Served) -> None:
    """The answer waits for the disk and not for the plan, which judges what is drained."""
    assert defined.post("/v1/track", track(1, properties={"n": "text"})).json == {"success": True}
    assert defined.post("/v1/track", track(2, properties={"n": 2})).json == {"success": True}
    assert defined.message_ids() == ["m2"]
    assert defined.status()["reasons"] == {"wrong_type": 1}
