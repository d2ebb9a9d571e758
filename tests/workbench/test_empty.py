"""A project that was only just begun: every page says what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from coterie.discover import installed
from coterie.errors import CoterieError
from coterie.project import Project
from coterie.project.folder import create
from coterie.server.api.rooms.studies_answers import every
from tests.server.whole import Process
from tests.workbench.served import PATIENCE, Visit, serving

pytestmark = pytest.mark.xdist_group("workbench empty")

PATHS = (
    "/", "/segments", "/segments/new", "/people", "/studies", "/data", "/data/plan",
    "/data/violations", "/data/quarantine", "/data/audit", "/settings", "/explore/distribution",
    "/explore/rfm", "/explore/flow", "/explore/retention", "/explore/funnel", "/explore/comparison",
)  # fmt: skip

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server of a project without a definition or an event."""
    folder = tmp_path_factory.mktemp("empty")
    create(folder / "bare")
    with serving(folder / "bare", folder / "log") as process:
        yield process


@pytest.mark.parametrize("path", PATHS)
def test_every_page_of_a_new_project_is_there(visit: Visit, path: str) -> None:
    """It is accessible, fits a phone, and does not complain of what nobody asked."""
    page = visit.open(path)
    visit.accessible()  # also while it is still worked on
    visit.fits()
    if path.startswith("/explore"):
        expect(page.locator(".empty strong")).to_have_text("There is nothing to draw here yet")
        expect(page.locator(".problem")).to_have_count(0)


def test_first_page_leads_to_a_write_key(visit: Visit) -> None:
    """Where nobody is known, events come first and segments later."""
    page = visit.open("/")
    page.get_by_role("link", name="Make a write key").click()
    expect(page.locator("#access")).to_be_in_viewport()


def test_builder_of_nothing_says_what_comes_first(visit: Visit) -> None:
    """Without an event and a trait there is no form, but what to do."""
    page = visit.open("/segments/new")
    expect(page.locator(".empty strong")).to_have_text("No condition can be written yet")
    expect(page.locator(".empty")).to_contain_text("coterie import FILE")
    expect(page.locator("form#builder")).to_have_count(0)
    page.get_by_role("link", name="See the tracking plan").click()
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith("/data/plan")


def test_studies_are_listed_without_what_they_are_made_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server without ``coterie[discover]`` shows the studies that it has."""
    create(tmp_path / "bare")
    monkeypatch.setattr(installed, "NEEDED", ("no_such_library",))
    with Project(tmp_path / "bare") as project:
        assert every(project).studies == []
        with pytest.raises(CoterieError, match="not installed"):
            _ = project.discover
