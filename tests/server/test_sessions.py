"""Sessions of someone else's fixtures, collected and counted, are those that they expect.

A session is a profile here: its id is the user id. The fixtures' model counts a view by its page
view's id, leaves out what comes three days or more after a session's start, and lets a session that
has heartbeats alone begin five seconds before the first of them.
"""

from __future__ import annotations

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from coterie.project import Project
from coterie.project.receiving import drained
from tests.server.served import Served

PLAN = """\
version = 1
"""
PLANNED = '[events."{}".properties]\npage_view_id = {{ type = "text" }}\n'
DEFINITIONS = """\
from functools import reduce
from operator import or_

from coterie import event, trait

viewed, pinged = event("page_view"), event("page_ping")
whatever = reduce(or_, [viewed, pinged, *map(event, {})])

start = trait(whatever.first_at())
end = trait(whatever.last_at())
page_views = trait((viewed | pinged).distinct("page_view_id"))
pings = trait(pinged.count())
events = trait(whatever.count())
"""
LONGEST, HEARTBEAT = timedelta(days=3), timedelta(seconds=5)
_PAGE = "contexts_com_snowplowanalytics_snowplow_web_page_1_0_0"


def rows(file: Path) -> list[dict[str, str]]:
    """A table of the fixtures."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def instant(said: str) -> datetime:
    """An instant as the fixtures write it: UTC."""
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


def message(row: dict[str, str]) -> dict[str, Any]:
    """A row of their events, as it would be sent; one id counts once in each session."""
    page = json.loads(row[_PAGE]) if row[_PAGE] else []
    while page and isinstance(page[0], list):  # some rows have a list in the list
        page = page[0]
    return {
        "type": "track", "event": row["event_name"], "userId": row["domain_sessionid"],
        "messageId": f"{row['event_id']} {row['domain_sessionid'][-8:]}",
        "timestamp": f"{row['derived_tstamp'].replace(' ', 'T')}Z",
        "properties": {"page_view_id": page[0]["id"]} if page else {},
    }  # fmt: skip


@pytest.fixture
def collected(shop: Served, shared_data: Path) -> Served:
    """A project that has collected the fixtures' events, in the order in which they came."""
    source = shared_data / "snowplow_web_fixtures" / "source" / "snowplow_web_events.csv.gz"
    found = sorted(rows(source), key=lambda row: row["collector_tstamp"])
    names = sorted({row["event_name"] for row in found})
    others = [name for name in names if name not in ("page_view", "page_ping")]
    plan = PLAN + "".join(PLANNED.format(name) for name in names)
    (shop.folder / "tracking_plan" / "web.toml").write_text(plan)
    (shop.folder / "definitions.py").write_text(DEFINITIONS.format(others))
    shop.start()
    sent = [message(row) for row in found if row["domain_sessionid"]]
    for first in range(0, len(sent), 40):
        reply = shop.post("/v1/batch", {"batch": sent[first : first + 40]})
        assert (reply.status, reply.rejected) == (200, [])
    assert shop.stop() == 0
    return shop


def test_listed_sessions_have_the_expected_start_end_and_page_views(
    collected: Served, shared_data: Path
) -> None:
    """All 18, as of three days after each one's start."""
    expected = shared_data / "snowplow_web_fixtures" / "expected" / "default"
    wanted = {
        row["domain_sessionid"]: (
            instant(row["start_tstamp"]), instant(row["end_tstamp"]), int(row["page_views"]),
        )
        for row in rows(expected / "snowplow_web_sessions_expected.csv.gz")
    }  # fmt: skip
    assert len(wanted) == 18
    with Project(collected.folder) as project:
        with project.writing() as stores:
            drained(project, stores)
        project.run("now")
        found = {}
        for session in wanted:
            (whole,) = pa.table(project.traits(["start"], profiles=[session])).to_pylist()
            last = whole["start"] + LONGEST - timedelta(microseconds=1)
            names = ["start", "end", "page_views", "pings", "events"]
            (one,) = pa.table(project.traits(names, last, [session])).to_pylist()
            before = HEARTBEAT if one["pings"] == one["events"] else timedelta(0)
            found[session] = (one["start"] - before, one["end"], one["page_views"])
        status = json.loads(project.status().as_json())
    assert found == wanted
    assert status["balanced"]
    assert status["received"] == 159
