"""What a project is set to: read by everybody who runs it, changed where that is safe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from coterie.project import Project
from coterie.server.api.rooms import settings_answers as answers
from tests.server.served import basic, until
from tests.server.whole import Process
from tests.workbench.served import PATIENCE, Visit, copied, serving

pytestmark = pytest.mark.xdist_group("workbench settings")

SCHEDULE = '\n[segments.default]\nschedule = "0 6 1 * *"\n'
EDIT = "\nbought_lately = segment(order.any(within=days(3)), description='Ordered lately')\n"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def set_up(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A shop with a schedule, a destination that is paused, and two versions of definitions."""
    folder = tmp_path_factory.mktemp("settings")
    copy = copied(shop, folder)
    with (copy / "coterie.toml").open("a") as file:
        file.write(SCHEDULE)
    with Project(copy) as project:
        project.destinations.add("crm", "https://crm.example/hook", ["champions"])
        project.destinations.pause("crm")
        with (copy / "definitions.py").open("a") as file:
            file.write(EDIT)
        project.reload()
        project.run("2026-01-02", note="Ask who bought lately", author="ann")
    with serving(copy, folder / "log") as process:
        yield process


@pytest.fixture
def visiting(window: Page, set_up: Process) -> Iterator[Visit]:
    """A visit to it; nothing may go wrong in its console, or be asked elsewhere."""
    visit = Visit(window, f"http://127.0.0.1:{set_up.port}")
    yield visit
    visit.leave()
    assert visit.wrong == []


def post(process: Process, path: str, said: Any) -> Any:
    """Status and body of a request that changes something."""
    reply = process.ask("POST", path, json.dumps(said).encode(), content_type="application/json")
    return reply.status, reply.json


def test_settings_are_accessible_and_fit_a_phone(visiting: Visit) -> None:
    """Closed, with everything open, and two versions compared."""
    page = visiting.open("/settings")
    visiting.accessible()
    visiting.fits()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    visiting.accessible()
    visiting.fits()
    visiting.open("/settings/compare?old=1&new=2")
    visiting.accessible()
    visiting.fits()


def test_versions_say_who_changed_what_and_why(visiting: Visit) -> None:
    """The newest first, with its note; two are compared without leaving the page."""
    page = visiting.open("/settings")
    newest = page.locator(".version").first
    expect(newest).to_contain_text("by ann")
    expect(newest).to_contain_text("Ask who bought lately")
    expect(newest).to_contain_text("1 added")
    page.get_by_label("From", exact=True).select_option("1")
    page.get_by_label("To", exact=True).select_option("2")
    expect(page.locator("#compare .difference")).to_have_count(1)
    expect(page.locator("#compare")).to_contain_text("bought_lately")


def test_write_key_is_shown_once_and_revoked(visiting: Visit, set_up: Process) -> None:
    """It works at once, is nowhere after the box is closed, and ends when that is meant."""
    page = visiting.open("/settings")
    page.get_by_label("Source").fill("till")
    page.keyboard.press("Enter")
    secret = page.locator("#secret")
    expect(secret).not_to_be_empty()
    key = secret.inner_text()
    message = {"type": "page", "messageId": "m1", "userId": "somebody", "name": "Home"}
    body = json.dumps({"batch": [message]}).encode()

    def sent() -> int:
        return set_up.ask("POST", "/v1/batch", body, authorization=basic(key)).status

    until(lambda: sent() == 200)
    visiting.accessible()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.locator("body")).not_to_contain_text(key)
    row = page.locator("#access tr", has_text="till")
    row.get_by_role("button").click()
    expect(row.get_by_role("button")).to_have_text("Revoke for good?")
    row.get_by_role("button").click()
    expect(row).to_contain_text("revoked")
    until(lambda: sent() == 401)


def test_token_is_for_a_purpose(visiting: Visit, set_up: Process) -> None:
    """Its holder is told of audiences of this purpose and of nobody's settings."""
    page = visiting.open("/settings")
    page.get_by_label("Holder").fill("mailer")
    page.locator("#token-purpose").select_option("marketing")
    page.get_by_role("button", name="Make a token").click()
    secret = page.locator("#secret")
    expect(secret).not_to_be_empty()
    bearer = f"Bearer {secret.inner_text()}"
    until(lambda: set_up.get("/v1/segments", authorization=bearer).status == 200)
    assert set_up.get("/v1/settings/access", authorization=bearer).status == 404
    page.keyboard.press("Escape")
    expect(page.locator("#access tr", has_text="mailer")).to_contain_text("marketing")


def test_jobs_and_destinations_are_told(set_up: Process) -> None:
    """When next in words, and what waits for whom."""
    job = set_up.get("/v1/settings/jobs").json["jobs"][0]
    assert job["name"] == "segments.default"
    assert job["english"].startswith("At 06:00")
    found = set_up.get("/v1/settings/destinations").json["destinations"][0]
    assert (found["name"], found["segments"]) == ("crm", ["champions"])
    assert found["paused_at"] is not None


def test_definitions_in_force_are_told_with_what_the_files_say(shop: Path, tmp_path: Path) -> None:
    """An edit that is not in force is named, and one that cannot be used says why."""
    copy = copied(shop, tmp_path)
    with Project(copy) as project:
        ask = partial(answers.definitions, project)
        before = ask()
        assert (before.version, before.unused, before.mistakes) == (1, [], "")
        assert {each.name: each.kind for each in before.definitions} | {
            "champions": "segment", "monetary": "trait", "lifecycle_stage": "stages",
            "loyalty_tier": "tiers",
        } == {each.name: each.kind for each in before.definitions}  # fmt: skip
        with (copy / "definitions.py").open("a") as file:
            file.write(EDIT)
        assert [(each.name, each.change) for each in ask().unused] == [("bought_lately", "added")]
        with (copy / "definitions.py").open("a") as file:
            file.write("wrong = segment(no_such_name > 1)\n")
        broken = ask()
        assert "no_such_name" in broken.mistakes
        assert (broken.version, broken.unused) == (1, [])


def test_what_cannot_be_is_refused_with_a_reason(set_up: Process) -> None:
    """A name that is none, an undeclared purpose, what does not work, what is not there."""
    keys, tokens = "/v1/settings/keys", "/v1/settings/tokens"
    asked: dict[tuple[str, str], tuple[int, str]] = {
        (keys, '{"name": "no name"}'): (400, "mistaken"),
        (keys, '{"name": 5}'): (400, "mistaken"),
        (f"{keys}/revoke", '{"name": "nobody"}'): (404, "no_key"),
        (tokens, '{"name": "x", "purpose": "fun"}'): (404, "no_purpose"),
        (f"{tokens}/revoke", '{"name": "nobody", "id": "0"}'): (404, "no_key"),
        ("/v1/settings/destinations/none/pause", "{}"): (404, "no_destination"),
    }
    for (path, said), expected in asked.items():
        status, answer = post(set_up, path, json.loads(said))
        assert (status, answer["code"]) == expected, path
    assert set_up.get("/v1/settings/differences?old=99").json["code"] == "no_version"


def test_destination_is_paused_again(set_up: Process) -> None:
    """By the API as by the page."""
    status, found = post(set_up, "/v1/settings/destinations/crm/pause", {})
    assert (status, found["destinations"][0]["why"]) == (200, "by command")


def test_page_of_another_origin_makes_no_key(set_up: Process) -> None:
    """Without a token only the workbench's own pages change anything."""
    body = b'{"name": "thief"}'
    reply = set_up.ask("POST", "/v1/settings/keys", body, origin="http://elsewhere.example")
    assert reply.status == 403
