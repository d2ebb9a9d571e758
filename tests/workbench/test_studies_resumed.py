"""A study that was stopped is gone on with, from its page and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coterie.project import Project
from tests.server.served import until
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

pytestmark = pytest.mark.xdist_group("workbench studies resumed")


@pytest.fixture(scope="module")
def studied(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop: a finished study, two that were stopped, one whose traits are lost."""
    folder = copied(shop, tmp_path_factory.mktemp("resumed"))
    with Project(folder) as project:
        for _ in range(4):
            project.discover(["frequency", "monetary"], k=[2], algorithms="kmeans", floor=20)
        for name in ("study-2", "study-3", "study-4"):
            (project.discover.kept(name).folder / "study.json").unlink()
        begun = project.discover.kept("study-4").folder / "begun.json"
        said = json.loads(begun.read_bytes())
        begun.write_text(json.dumps(said | {"columns": []}))
    return folder


@pytest.fixture(scope="module")
def served(studied: Path) -> Iterator[Process]:
    """A server of the project with studies."""
    with serving(studied, studied.parent / "log") as process:
        yield process


def go_on(process: Process, name: str) -> Any:
    """Ask for a study to be gone on with, and what is answered."""
    return process.ask("POST", f"/v1/studies/{name}/resumption", b"")


def ended(process: Process) -> Any:
    """The study that was asked for last, once it works no more."""
    until(lambda: process.get("/v1/studies/job").json["state"] != "working")
    return process.get("/v1/studies/job").json


def test_stopped_study_goes_on_over_http(served: Process) -> None:
    """The same people and traits; one at a time, and it can be read in the end."""
    n_studies = len(served.get("/v1/studies").json["studies"])
    reply = go_on(served, "study-2")
    assert (reply.status, reply.json["study"], reply.json["resumed"]) == (202, "study-2", True)
    assert go_on(served, "study-3").json["code"] == "study_running"
    found = ended(served)
    assert (found["state"], found["study"], found["problem"]) == ("finished", "study-2", None)
    alike, study = (
        served.get(f"/v1/studies/{name}?candidate=kmeans-2").json for name in ("study-1", "study-2")
    )
    assert (study["people"], study["candidates"]) == (alike["people"], alike["candidates"])
    assert len(served.get("/v1/studies").json["studies"]) == n_studies


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("study-1", 409, "study_finished"), ("study-9", 404, "unknown_study")],
)
def test_only_a_stopped_study_goes_on(served: Process, name: str, status: int, code: str) -> None:
    """Neither one that is finished nor one that is not there."""
    reply = go_on(served, name)
    assert (reply.status, reply.json["code"]) == (status, code)


def test_marketer_goes_on_with_a_study(visit: Visit) -> None:
    """From the list to its page, which follows it to its end and becomes that of the study."""
    page = visit.open("/studies")
    page.get_by_role("link", name="Go on study-3").click()
    page.get_by_text("This study is not finished.").wait_for()
    visit.accessible()
    visit.fits()
    page.get_by_role("button", name="Go on").click()
    page.locator(".verdict:not(:text('not finished'))").wait_for()
    page.get_by_label("Clustering looked at").wait_for()
    assert page.url.endswith("/studies/study-3")


def test_study_that_cannot_go_on_says_why_and_stays(visit: Visit, served: Process) -> None:
    """Its page and the list say so, and offer it still."""
    assert go_on(served, "study-4").status == 202
    assert ended(served)["state"] == "failed"
    page = visit.open("/studies/study-4")
    assert "No study came of it" in page.locator(".problem").first.inner_text()
    assert page.get_by_role("button", name="Go on").is_enabled()
