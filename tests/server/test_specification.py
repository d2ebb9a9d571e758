"""Each payload of the Segment specification has the fate that was written down for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coterie.project import Project
from tests.server.payloads import CONFLICT, FATES, OWN_ADDRESS, STORED, UNTYPED
from tests.server.served import Served

pytestmark = pytest.mark.xdist_group("specification")


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> list[dict[str, Any]]:
    file = shared_data / "spec_segment" / "spec_json_examples.jsonl"
    return [json.loads(line)["payload"] for line in file.read_text().splitlines()]


def test_table_is_of_these_payloads(payloads: list[dict[str, Any]]) -> None:
    """84 payloads, of which 47 have no type and 37 have one; each has one line in the table."""
    assert sorted(FATES) == list(range(84)) == list(range(len(payloads)))
    untyped = {i for i, payload in enumerate(payloads) if "type" not in payload}
    assert untyped == {i for i, fate in FATES.items() if fate == UNTYPED}
    assert (len(untyped), 84 - len(untyped)) == (47, 37)


def test_payloads_as_they_came_have_their_fates(
    served: Served, payloads: list[dict[str, Any]]
) -> None:
    """31 are stored, 47 have no type, and 6 claim an id that another has; all are accounted for."""
    reply = served.post("/v1/batch", {"batch": payloads})
    told = dict(reply.rejected)
    assert reply.status == 200
    assert told == {f"$.batch[{i}]": UNTYPED for i, fate in FATES.items() if fate == UNTYPED}
    fates = list(FATES.values())
    assert [fates.count(each) for each in (STORED, UNTYPED, CONFLICT)] == [31, 47, 6]
    status = served.status()
    counts = [status[each] for each in ("received", "stored", "duplicate", "quarantined")]
    assert counts == [84, 31, 1, 52]  # 78 and 79 are one text, and so one row of the quarantine
    with Project(served.folder) as project:
        refused = {row.row - 1: row.reason for row in project.quarantine.list()}
    assert refused == {i: fate for i, fate in FATES.items() if fate != STORED and i != 79}
    assert status["balanced"]


def test_typed_payloads_completed_are_all_stored(
    served: Served, payloads: list[dict[str, Any]]
) -> None:
    """The 37 that have a type, with an id of their own and an instant, become events."""
    whole = [
        {"timestamp": "2026-02-03T04:05:06.789Z"} | payload | {"messageId": f"own-{i}"}
        for i, payload in enumerate(payloads) if "type" in payload
    ]  # fmt: skip
    reply = served.post("/v1/batch", {"batch": whole})
    assert (reply.status, reply.rejected) == (200, [])
    stored = [event for event in served.stored() if event.message_id.startswith("own-")]
    assert sorted((e.type, e.name) for e in stored) == sorted(
        (w["type"], w["event"] if w["type"] == "track" else w["type"]) for w in whole
    )
    assert len(stored) == 37


def test_untyped_payloads_are_taken_at_their_own_address(
    served: Served, payloads: list[dict[str, Any]]
) -> None:
    """What is printed for /v1/identify needs no type there; of the batch, what has an instant."""
    for i, route in OWN_ADDRESS.items():
        reply = served.post(f"/v1/{route}", payloads[i])
        assert (reply.status, reply.rejected) == (200, []), i
    reply = served.post("/v1/batch", payloads[82])
    assert [one["timestamp"][:9] for one in payloads[82]["batch"][2:]] == ["2015-2-02"] * 2
    assert reply.rejected == [("$.batch[2]", "bad_instant"), ("$.batch[3]", "bad_instant")]


def test_no_example_person_is_readable_in_the_stores(
    served: Served, payloads: list[dict[str, Any]]
) -> None:
    """Names, addresses, numbers and ids of the pages' people are pseudonyms on the disk."""
    served.post("/v1/batch", {"batch": payloads})
    files = [f for f in (served.folder / "data").rglob("*") if f.is_file()]
    held = b"".join(file.read_bytes() for file in files)
    for raw in (b"jen@email.com", b"pgibbons", b"Gibbons", b"410-555-9412", b"97980cfea0067",
                b"507f191e810c19729de860ea", b"8.8.8.8"):  # fmt: skip
        assert raw not in held, raw
