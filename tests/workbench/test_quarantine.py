"""The quarantine in a browser: a refused message is found, mended, and becomes an event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.project import Project
from tests.server.served import basic, until
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

pytestmark = pytest.mark.xdist_group("workbench quarantine")

FUTURE = "2999-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def served(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server to which four messages from the far future were sent."""
    folder = tmp_path_factory.mktemp("quarantine")
    mine = copied(shop, folder)
    with Project(mine) as project:
        _, key = project.sources.add("web")
    with serving(mine, folder / "log") as process:
        messages = [_message(n) for n in range(4)]
        messages[3]["event"] = "<script>alert(1)</script>" + "\u202e" + "long " * 2_000
        body = json.dumps({"batch": messages}).encode()
        assert process.ask("POST", "/v1/batch", body, authorization=basic(key)).status == 200
        until(lambda: process.get("/v1/quarantine").json["n"] == 4)
        yield process


def _message(n: int) -> dict[str, object]:
    return {
        "type": "track", "event": "Email Opened", "userId": f"late-{n}", "messageId": f"m{n}",
        "timestamp": FUTURE, "properties": {"campaign_id": f"c{n}", "subject": "Hello"},
    }  # fmt: skip


def test_a_refused_message_is_mended_and_becomes_an_event(visit: Visit, served: Process) -> None:
    """Found in the list, opened, its instant corrected, tried again; everything has one fate."""
    page = visit.open("/data/quarantine?source=web&reason=future")
    visit.accessible()
    visit.fits()
    page.locator("#rows a").first.click()
    page.wait_for_url("**/data/quarantine/*")
    visit.accessible()
    visit.fits()
    text = page.locator("#raw")
    text.fill(text.input_value().replace(FUTURE, "soon"))
    page.get_by_role("button", name="Mend and try again").click()
    page.get_by_text("It was refused again, for what follows.").wait_for()
    page.get_by_text("the instant is in none of the formats").wait_for()
    text.fill(text.input_value().replace("soon", "2026-01-02T00:00:00Z"))
    stored = served.get("/v1/status").json["stored"]
    page.get_by_role("button", name="Mend and try again").click()
    page.get_by_text("The row passed and left the quarantine.").wait_for()
    until(lambda: served.get("/v1/status").json["stored"] == stored + 1)
    assert served.get("/v1/quarantine").json["n"] == 3


def test_rows_are_tried_again_as_they_are(visit: Visit, served: Process) -> None:
    """By the button of a list; what is refused again stays."""
    n = served.get("/v1/quarantine").json["n"]
    page = visit.open("/data/quarantine")
    page.get_by_role("button", name="Try these again").click()
    page.get_by_text(f"{n} tried again, {n} refused again.").wait_for()
    assert served.get("/v1/quarantine").json["n"] == n


def test_a_filter_changes_the_list_and_the_address(visit: Visit, served: Process) -> None:
    """Without loading the page again; the address may be sent to a colleague."""
    page = visit.open("/data/quarantine")
    page.locator("select[name=reason]").select_option("future")
    page.wait_for_url("**reason=future*")
    n = served.get("/v1/quarantine?reason=future").json["n"]
    assert page.locator("#rows tbody tr").count() == n
    assert {each.inner_text() for each in page.locator("#rows code").all()} == {"future"}


def test_what_was_sent_stays_text(visit: Visit, served: Process) -> None:
    """Scripts, marks that turn the writing around, and ten thousand characters."""
    rows = served.get("/v1/quarantine").json["rows"]
    texts = []
    for row in rows:
        texts.append(visit.open(f"/data/quarantine/{row['id']}").locator("#raw").input_value())
        visit.fits()
    assert any("<script>alert(1)</script>" in each for each in texts)


def test_a_row_that_is_not_there_is_said(served: Process) -> None:
    """To readers and to programs, by id and by method."""
    assert served.get("/data/quarantine/none", accept="text/html").status == 404
    assert served.get("/v1/quarantine/none").json["code"] == "no_row"
    path = "/v1/quarantine/none/mending"
    reply = served.ask("POST", path, b"{}", content_type="application/json")
    assert reply.json["code"] == "no_row"
