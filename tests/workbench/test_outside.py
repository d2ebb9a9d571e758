"""Text that others wrote is shown as text on every page, and breaks none of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from coterie.project import Project
from tests.server.served import basic, until
from tests.server.whole import Process
from tests.workbench.served import Visit, copied, serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("workbench outside")

MARK = "document.documentElement.dataset.hit = 1"
IMAGE = f'"><img src=x onerror="{MARK}">'
SCRIPT = f'"><script>{MARK}</script><img src=x onerror="{MARK}">'
HOSTILE = (
    SCRIPT,
    "{{ 7 * 7 }} ${7 * 7} javascript:" + MARK,
    "\u202eDROWSSAP \u2067\u05d0\u05d1\u05d2 shop",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 " + "e\u0301" * 20,
    "x" * 10_000,
    "long words " * 900,
)
"""Markup, templates, other directions, signs of several parts, and far too long."""

RESERVED = "a/b ?c#d %2F & e;f=g+h"
"""Signs that mean something in an address."""

EACH = 4
"""Pages of one kind that are opened: of one place, and with the same questions."""


def messages(who: str) -> Iterator[dict[str, Any]]:
    """What somebody does whose events are of no good will."""
    for i, text in enumerate(HOSTILE):
        name, short = f"E{i} {text}"[:200], text[:200]
        yield {
            "type": "track", "event": name, "userId": who, "messageId": f"odd-{i}",
            "properties": {short[:100]: text, "nested": {short[:100]: [text]}},
            "context": {"page": {"url": f"https://shop.example/?{short}"}},
        }  # fmt: skip
        yield {
            "type": "track", "event": "Product Viewed", "userId": who, "messageId": f"view-{i}",
            "properties": {"product_id": f"p{i}", "name": text, "category": text},
        }  # fmt: skip
        yield {
            "type": "track", "event": "Order Completed", "userId": who, "messageId": f"bad-{i}",
            "properties": {"order_id": text, "revenue": text, "currency": text},
        }  # fmt: skip
        yield {
            "type": "identify",
            "userId": who,
            "messageId": f"is-{i}",
            "traits": {short[:100]: text},
        }


IMPORTS = "\nfrom coterie import event, segment, stages, trait\n"
DEFINITIONS = f"""
odd_favourite = trait(event("Product Viewed").last("category"), description={SCRIPT!r})
odd = segment(odd_favourite != "", purpose="analytics", description={HOSTILE[4]!r})
odd_stages = stages({{{IMAGE!r}: odd_favourite != "", {HOSTILE[2]!r}: odd}}, otherwise="none")
sizes = stages({{{RESERVED!r}: odd_favourite != ""}}, otherwise="S/M")
"""


@pytest.fixture(scope="module")
def served(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A server of a shop whose definitions, events and refused rows hold such text."""
    folder = tmp_path_factory.mktemp("outside")
    own = copied(shop, folder)
    definitions = own / "definitions.py"
    said = definitions.read_text("utf-8")
    definitions.write_text(
        said + "\nfrom coterie import event, segment, stages, trait\n" + DEFINITIONS
    )
    with Project(own) as project:
        _, key = project.sources.add("web")
    with serving(own, folder / "log") as process:
        before = process.get("/v1/status").json
        sent = [*messages("stranger")]
        for some in (sent[:12], sent[12:]):
            reply = process.ask(
                "POST", "/v1/batch", json.dumps({"batch": some}).encode(), authorization=basic(key)
            )
            assert reply.status == 200
        until(lambda: process.get("/v1/status").json["received"] >= before["received"] + len(sent))
        until(lambda: process.get("/v1/profiles/stranger").status == 200)
        yield process


def test_pages_show_text_from_outside_and_nothing_of_it_runs(window: Page, served: Process) -> None:
    """Each page that is linked from another, on a phone and on a wide window."""
    visit = Visit(window, f"http://127.0.0.1:{served.port}")
    found = json.loads(served.get("/v1/profiles/stranger").body)["profile"]
    seen: list[str] = []
    opened: Counter[Any] = Counter()
    waiting = ["/", f"/people/{found}", "/segments/odd", "/segments/odd_stages", "/segments/new"]
    while waiting:
        path = waiting.pop(0)
        seen.append(path)
        if opened[kind(path)] >= EACH:
            continue
        opened[kind(path)] += 1
        page = visit.open(path)
        page.wait_for_timeout(150)
        inert(page, path)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        waiting += [new for new in linked(page) if new not in seen and new not in waiting]
    visit.leave()
    assert visit.wrong == []
    rooms = {"/segments", "/people", "/explore", "/studies", "/data", "/settings"}
    assert rooms <= {path.partition("?")[0] for path in seen}


def test_links_lead_to_names_with_reserved_signs(window: Page, served: Process) -> None:
    """From the set of stages to each stage and every tab of it; the API finds them as well."""
    visit = Visit(window, f"http://127.0.0.1:{served.port}")
    page = visit.open("/segments/sizes")
    named = [path for path in linked(page) if path.startswith("/segments/sizes.")]
    assert len(named) == 2
    for path in named:
        page = visit.open(path)
        assert page.locator("h1").inner_text() in {f"sizes.{RESERVED}", "sizes.S/M"}
        for tab in [each for each in linked(page) if each.startswith(f"{path}/")]:
            visit.open(tab)
        assert served.get(f"/v1{path}/definition").status == 200
    visit.leave()
    assert visit.wrong == []


def kind(path: str) -> tuple[str, int, frozenset[str]]:
    """What pages have in common that differ by a name or a value only."""
    found = urlsplit(path)
    parts = found.path.strip("/").split("/")
    return parts[0], len(parts), frozenset(parse_qs(found.query))


def inert(page: Page, path: str) -> None:
    """See that no markup of the text is markup of the page."""
    assert page.evaluate("document.documentElement.dataset.hit") is None, path
    assert page.locator("img[src=x]").count() == 0, path
    assert page.locator("script:not([src]):not([type='application/json'])").count() == 0, path


def linked(page: Page) -> list[str]:
    """The addresses of the server that a page links to."""
    found: list[str] = page.evaluate(
        "[...document.links].filter(a => a.origin === location.origin && !a.download"
        " && !a.pathname.startsWith('/v1/')).map(a => a.pathname + a.search)"
    )
    return list(dict.fromkeys(found))
