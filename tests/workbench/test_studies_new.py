"""A study is begun in a browser, followed to its end, and refused where it makes no sense."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.server.served import until
from tests.server.whole import Process
from tests.workbench.served import Visit

pytestmark = pytest.mark.xdist_group("workbench studies new")

SMALL = {"traits": ["frequency", "monetary"], "k": [2], "algorithms": ["kmeans"], "floor": 20}


def begin(process: Process, **data: Any) -> Any:
    """Ask for a study, and what is answered."""
    body = json.dumps(data).encode()
    return process.ask("POST", "/v1/studies/jobs", body, content_type="application/json")


def job(process: Process) -> Any:
    """The study that was asked for last."""
    return process.get("/v1/studies/job").json


def ended(process: Process) -> Any:
    """The same, once it works no more."""
    until(lambda: job(process)["state"] != "working")
    return job(process)


def test_mistakes_are_said_at_their_fields_and_nothing_begins(served: Process) -> None:
    """All of them at once, with the nearest right name."""
    reply = begin(served, traits=["frequencyy"], segment="vips", purpose="spying", k=[1])
    assert (reply.status, reply.json["code"]) == (422, "study")
    assert [each["path"] for each in reply.json["mistakes"]] == [
        "traits",
        "segment",
        "purpose",
        "k",
    ]
    assert "frequency" in reply.json["mistakes"][0]["hint"]
    assert job(served)["state"] == "none"
    assert begin(served, algorithms=["magic"]).status == 400


def test_choices_tell_what_may_be_asked(served: Process) -> None:
    """Traits with types, numbers first; no list among them."""
    found = served.get("/v1/studies/choices").json
    types = {each["name"]: each["type"] for each in found["traits"]}
    assert (types["frequency"], types["monetary"]) == ("integer", "decimal")
    assert "list" not in types.values()
    assert "active_30d" in found["segments"]
    assert (found["k"], found["purposes"][0]) == ([*range(2, 11)], "analytics")


def test_one_study_is_made_at_a_time_and_other_pages_answer_meanwhile(served: Process) -> None:
    """The second is refused; the first ends as a study that can be read."""
    assert begin(served, **SMALL).status == 202
    again = begin(served, **SMALL)
    assert (again.status, again.json["code"]) == (409, "study_running")
    for path in ("/studies", "/segments", "/explore", "/studies/new"):
        assert served.get(path, accept="text/html").status == 200
    assert job(served)["state"] == "working"
    found = ended(served)
    assert (found["state"], found["problem"], found["asked"]["k"]) == ("finished", None, [2])
    study = served.get(f"/v1/studies/{found['study']}?candidate=kmeans-2").json
    assert (study["traits"], study["purpose"]) == (["frequency", "monetary"], "analytics")


def test_study_of_nobody_fails_with_its_reason(visit: Visit, served: Process) -> None:
    """What is known only once people were asked is said on the page, with what was chosen."""
    assert begin(served, **SMALL | {"segment": "lifecycle_stage.nobody"}).status == 422
    assert (
        begin(served, **SMALL | {"traits": ["monetary"], "segment": "need_attention"}).status == 202
    )
    assert ended(served)["state"] == "failed"
    page = visit.open("/studies/new")
    assert "No study came of it" in page.locator(".problem").inner_text()
    assert page.locator("[name=traits]:checked").count() == 1
    assert page.get_by_label("Which people").input_value() == "need_attention"
    visit.accessible()


def test_marketer_begins_a_study_and_comes_to_its_page(visit: Visit) -> None:
    """Choose traits, people and groups; a mistake is at its field; the page follows to the end."""
    page = visit.open("/studies/new")
    page.get_by_label("Which people").select_option("")
    page.get_by_role("checkbox", name="recency_days").check()
    page.get_by_label("From", exact=True).fill("4")
    page.get_by_label("To", exact=True).fill("3")
    page.get_by_role("button", name="Begin the study").click()
    page.locator("#e-k:visible", has_text="Two numbers from 2 to 50").wait_for()
    page.get_by_label("From", exact=True).fill("2")
    page.get_by_label("To", exact=True).fill("2")
    for name in ("Mixtures", "Ward", "DBSCAN: where", "HDBSCAN"):
        page.get_by_label(name, exact=False).uncheck()
    page.get_by_label("People of the smallest group").fill("20")
    visit.fits()
    page.get_by_role("button", name="Begin the study").click()
    page.locator("#job progress").wait_for()
    visit.accessible()
    visit.fits()
    page.wait_for_url("**/studies/study-*")
    page.locator(".verdict").wait_for()


def test_study_goes_on_when_its_page_is_closed(visit: Visit, served: Process) -> None:
    """Nobody looks on, and it stands among the others in the end."""
    assert begin(served, **SMALL).status == 202
    page = visit.open("/studies/new")
    page.goto("about:blank")
    found = ended(served)
    assert found["problem"] is None
    page = visit.open("/studies")
    assert page.locator("tbody tr").first.locator("a").inner_text() == found["study"]


def test_server_that_stops_ends_the_study_at_hand(served: Process) -> None:
    """It is asked at the end of this file; the fixture sees that the server ends well."""
    assert begin(served, **SMALL | {"k": [*range(2, 20)], "algorithms": []}).status == 202
    until(lambda: job(served)["total"] > 0)
