"""Studies are read, adopted and rejected in a browser, and all of it as JSON."""

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

pytestmark = pytest.mark.xdist_group("workbench studies")

PARTS = ("clusters", "rules", "deciding", "criteria", "profile", "soundness", "maps", "agreement")


@pytest.fixture(scope="module")
def studied(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shop with two studies, the second of which was stopped."""
    folder = copied(shop, tmp_path_factory.mktemp("studies"))
    with Project(folder) as project:
        for _ in range(2):
            project.discover(
                ["frequency", "monetary", "visits_28d"], k=[2, 3], algorithms="kmeans", floor=20
            )
        (project.discover.kept("study-2").folder / "study.json").unlink()
    return folder


@pytest.fixture(scope="module")
def served(studied: Path) -> Iterator[Process]:
    """A server of the project with studies."""
    with serving(studied, studied.parent / "log") as process:
        yield process


def ask(process: Process, path: str, **data: Any) -> Any:
    """Post JSON to a route, and its answer."""
    return process.ask("POST", path, json.dumps(data).encode(), content_type="application/json")


def whole(visit: Visit, path: str = "/studies/study-1?candidate=kmeans-2") -> Any:
    """The page of a study, once every part of it has come."""
    page = visit.open(path)
    for part in PARTS:
        page.locator(f"#part-{part}:not([aria-busy])").wait_for()
    return page


def test_list_tells_what_each_study_found(visit: Visit) -> None:
    """The newest is first; one that was stopped leads to where it goes on."""
    page = visit.open("/studies")
    rows = page.locator("tbody tr")
    assert "not finished" in rows.nth(0).inner_text()
    going = rows.nth(0).get_by_role("link", name="Go on study-2")
    assert going.get_attribute("href") == "/studies/study-2"
    assert rows.nth(1).locator("a").get_attribute("href") == "/studies/study-1"
    visit.accessible()
    visit.fits()


def test_damaged_study_is_named_and_hides_no_other(
    visit: Visit, served: Process, studied: Path
) -> None:
    """Its files are told of, in the list and as JSON."""
    with Project(studied) as project:
        file = project.discover.kept("study-2").folder / "people.parquet"
    kept = file.read_bytes()
    file.write_bytes(kept[: len(kept) // 2])
    try:
        page = visit.open("/studies")
        said = served.get("/v1/studies").json
    finally:
        file.write_bytes(kept)
    assert "study-2 cannot be read (study-2/people.parquet)" in page.locator("main").inner_text()
    assert page.locator("tbody tr").count() == 1
    assert [each["name"] for each in said["studies"]] == ["study-1"]
    assert said["damaged"] == [
        {
            "name": "study-2", "where": "study-2/people.parquet",
            "hint": "delete its folder, and study anew",
        }
    ]  # fmt: skip
    visit.accessible()


def test_study_is_accessible_and_fits_a_phone(visit: Visit) -> None:
    """With every part and picture there, on light and dark paper."""
    page = whole(visit)
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    visit.accessible()
    visit.fits()


def test_pictures_are_drawn_as_they_come_near(visit: Visit) -> None:
    """Criteria against k, stability and the maps."""
    page = whole(visit)
    for part in ("criteria", "soundness", "maps"):
        chart = page.locator(f"#part-{part} .chart").first
        chart.scroll_into_view_if_needed()
        page.locator(f"#part-{part} .chart[data-drawn] svg").first.wait_for()


def test_another_clustering_can_be_looked_at(visit: Visit) -> None:
    """The cards and the names to adopt are those of the other one."""
    page = whole(visit)
    assert page.locator("#part-clusters article").count() == 2
    page.get_by_label("Clustering looked at").select_option("kmeans-3")
    page.wait_for_url("**candidate=kmeans-3**")
    page.locator("#part-clusters article:nth-of-type(3)").wait_for()


def test_marketer_adopts_a_study(visit: Visit, studied: Path, served: Process) -> None:
    """By keyboard: name the clusters, say why, adopt; the segments are defined and come to live."""
    page = whole(visit)
    names = page.locator("#part-deciding input[name=names]")
    names.nth(0).fill("Window shoppers")
    names.nth(1).fill("Regulars")
    page.get_by_label("Why", exact=True).fill("first <b>campaign</b>")
    page.get_by_label("Who decides").fill("Ann")
    page.keyboard.press("Enter")
    decision = page.locator("#decisions .decision.adopted")
    decision.wait_for()
    said = decision.inner_text()
    assert "Adopted as rules of kmeans-2" in said
    assert "first <b>campaign</b>" in said
    assert "definitions/study_1.yaml" in said
    visit.accessible()
    assert "Window shoppers" in (studied / "definitions" / "study_1.yaml").read_text("utf-8")
    until(lambda: _held(served).get("Regulars", 0) > 0)
    assert _held(served)["Window shoppers"] > _held(served)["Regulars"]
    page = visit.open("/studies")
    assert "adopted as rules" in page.locator("tbody tr").nth(1).inner_text()


def _held(process: Process) -> dict[str, int]:
    """How many people are in each stage that the study became; none before it is there."""
    stages = process.get("/v1/segments/study_1").json.get("stages", [])
    return {each["name"]: each["holds"] for each in stages}


def test_study_is_rejected_with_a_reason(visit: Visit, served: Process) -> None:
    """The decision stands beside those before it."""
    page = whole(visit)
    page.get_by_label("Why", exact=True).fill("too broad")
    page.get_by_role("button", name="Reject").click()
    page.locator("#decisions .decision.rejected", has_text="too broad").wait_for()
    decisions = served.get("/v1/studies/study-1").json["decisions"]
    assert decisions[-1]["decided"] == "rejected"
    assert served.get("/v1/studies").json["studies"][1]["decision"]["note"] == "too broad"


def test_mistake_is_said_at_the_form_and_changes_nothing(visit: Visit, studied: Path) -> None:
    """Two clusters of one name cannot be adopted."""
    before = sorted(path.name for path in studied.glob("definitions/*"))
    page = whole(visit, "/studies/study-1?candidate=kmeans-3")
    for name in page.locator("#part-deciding input[name=names]").all():
        name.fill("Same")
    page.get_by_role("button", name="Adopt", exact=True).click()
    problem = page.locator("#part-deciding .problem")
    problem.wait_for()
    assert "Nothing was changed" in problem.inner_text()
    assert sorted(path.name for path in studied.glob("definitions/*")) == before
    visit.wrong = [said for said in visit.wrong if "409" not in said]  # the browser tells of it


def test_model_is_adopted_as_well(served: Process) -> None:
    """The clustering itself, with its parameters a version in the log."""
    reply = ask(served, "/v1/studies/study-1/adoption", how="model", candidate="kmeans-2")
    assert (reply.status, reply.json["how"], reply.json["fidelity"]) == (200, "model", 1.0)
    assert "study_1_cluster" in reply.json["definitions"]


def test_everything_on_the_page_is_answered_as_json(served: Process) -> None:
    """Verdict, cards, rules and pictures."""
    about = "candidate=kmeans-2"
    found = served.get(f"/v1/studies/study-1?{about}").json
    assert (found["chosen"], {one["k"] for one in found["candidates"]}) == ("kmeans-2", {2, 3})
    cards = served.get(f"/v1/studies/study-1/clusters?{about}").json["cards"]
    assert sum(card["people"] for card in cards) == found["people"]
    rules = served.get(f"/v1/studies/study-1/rules?{about}").json
    assert 0 <= rules["fidelity"]["low"] <= rules["fidelity"]["value"] <= 1
    for part in ("clusters", "criteria", "profile", "maps", "soundness", "agreement"):
        pictures = served.get(f"/v1/studies/study-1/pictures?part={part}&{about}").json
        assert all(one["chart"] and one["rows"] for one in pictures), part


def test_no_answer_about_a_study_names_a_person(served: Process, studied: Path) -> None:
    """Maps have points and no names; no pseudonym is in any picture."""
    with Project(studied) as project:
        people = project.traits([])["profile"]
    for part in ("maps", "soundness", "profile"):
        body = served.get(f"/v1/studies/study-1/pictures?part={part}&candidate=kmeans-2").body
        assert not any(person.encode() in body for person in people)


@pytest.mark.parametrize("path", ["study-9", "study-2", "study-1?candidate=kmeans-9", "..%2Fx"])
def test_unknown_and_unfinished_studies_are_not_found(served: Process, path: str) -> None:
    """A program gets a problem, whichever way it asks."""
    assert served.get(f"/v1/studies/{path}").status == 404


def test_page_of_no_study_says_so(served: Process) -> None:
    """As every page that is not there."""
    reply = served.get("/studies/study-9", accept="text/html")
    assert reply.status == 404
    assert b"<main" in reply.body
