"""Whatever the builder does is done over HTTP as well, by those who may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coterie.language import nodes as n
from coterie.language.data import to_data
from coterie.language.definitions import Segment, Trait
from coterie.language.time import days
from coterie.project import Project
from tests.server.served import until
from tests.server.whole import Process, Reply

pytestmark = pytest.mark.xdist_group("workbench builder_api")

BUYERS = to_data(Segment(n.Any_(n.Named("Order Completed"))))


def said(served: Process, method: str, path: str, body: dict[str, Any], **headers: str) -> Reply:
    """What the API answers to JSON."""
    text = json.dumps(body).encode()
    return served.ask(method, path, text, **{"content-type": "application/json"} | headers)


def test_draft_is_checked_counted_and_previewed(served: Process) -> None:
    """Each by a route of its own; nothing is written by any of them."""
    draft = {"name": "buyers", "definition": BUYERS}
    checked = said(served, "POST", "/v1/definitions/check", draft).json
    assert (checked["english"], checked["mistakes"]) == ("people with some 'Order Completed'", [])
    count = said(served, "POST", "/v1/definitions/count", draft).json["count"]
    assert count["exact"]
    assert 0 < count["holds"]["n"] <= count["people"] == count["sample"]
    assert {"profile"} == {*count["examples"][0]}
    preview = said(served, "POST", "/v1/definitions/preview", draft).json["preview"]
    (effect,) = preview["effects"]
    assert (effect["name"], effect["entered"]) == ("buyers", count["holds"]["n"])
    assert 0 < len(preview["movers"]) <= 20
    assert served.get("/v1/drafts/buyers").status == 404


def test_what_is_wrong_is_answered_and_not_saved(served: Process) -> None:
    """At its place; a count and a preview say the same mistakes."""
    body = {"definition": to_data(Segment(n.Ref("nobody")))}
    checked, counted, previewed = (
        said(served, "POST", f"/v1/definitions/{what}", body).json
        for what in ("check", "count", "preview")
    )
    assert [one["path"] for one in checked["mistakes"]] == ["predicate"]
    assert counted["mistakes"] == previewed["mistakes"] == checked["mistakes"]
    trait = {"definition": to_data(Trait(n.Count(n.Named("Order Completed"))))}
    (told,) = said(served, "POST", "/v1/definitions/count", trait).json["mistakes"]
    assert told["what"] == "only the people of a segment are counted"
    reply = said(served, "PUT", "/v1/definitions/wrong", body)
    assert (reply.status, reply.json["code"]) == (409, "definition")
    assert not (served.log.parent / "shop" / "definitions" / "wrong.yaml").exists()


def test_save_over_another_edition_is_refused(served: Process) -> None:
    """Whoever opened the definition before somebody else saved it has to open it again."""
    first = said(served, "PUT", "/v1/definitions/twice", {"definition": BUYERS})
    assert (first.status, first.json["file"]) == (200, "definitions/twice.yaml")
    again = said(served, "PUT", "/v1/definitions/twice", {"definition": BUYERS})
    assert (again.status, again.json["code"]) == (409, "definition.edited")
    recent = to_data(Segment(n.Any_(n.Named("Order Completed"), within=days(30))))
    edition = served.get("/v1/drafts/twice").json["edition"]
    body = {"definition": recent, "edition": edition, "note": "lately", "author": "ann"}
    saved = said(served, "PUT", "/v1/definitions/twice", body)
    assert saved.status == 200
    assert saved.json["difference"]["old"] == "people with some 'Order Completed'"


def test_name_never_leads_out_of_its_folder(served: Process) -> None:
    """A path as a name is no name."""
    for name in ("..%2Fescape", "%2Fetc%2Fpasswd", "a%00b", "A"):
        reply = said(served, "PUT", f"/v1/definitions/{name}", {"definition": BUYERS})
        assert reply.status in (404, 409), name
    assert not (served.log.parent / "shop" / "escape.yaml").exists()


def test_vocabulary_is_told_with_known_values(served: Process) -> None:
    """Types for every trait and property; texts by how many have them; nothing of the unknown."""
    found = served.get("/v1/vocabulary").json
    assert {"text", "segment", "tiers", "instant"} <= {one["type"] for one in found["traits"]}
    values = served.get("/v1/vocabulary/values?event=Product%20Viewed&property=category").json
    assert values["values"]
    stages = served.get("/v1/vocabulary/values?trait=lifecycle_stage").json["values"]
    assert stages == sorted(stages, key=lambda one: (-one["n"], one["value"]))
    for query in ("trait=nobody", "event=nothing&property=x", "", "trait=monetary"):
        assert served.get(f"/v1/vocabulary/values?{query}").json == {"values": []}


def test_token_for_one_purpose_builds_nothing(served: Process) -> None:
    """Definitions are of every purpose: to its holder there is nothing here."""
    with Project(served.log.parent / "shop") as project:
        _, token = project.tokens.add("letters", "marketing")
    bearer = f"Bearer {token}"
    until(lambda: served.get("/v1/segments", authorization=bearer).status == 200)
    assert served.get("/v1/vocabulary", authorization=bearer).status == 404
    body = {"definition": BUYERS}
    for method, path in (("POST", "check"), ("POST", "count"), ("PUT", "mine")):
        path = f"/v1/definitions/{path}"
        assert said(served, method, path, body, authorization=bearer).status == 404
    assert served.get("/segments/new", authorization=bearer).status == 404
