"""The document says what is served, no more and no less, and what is served keeps to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from litestar import Litestar
from schemathesis import GenerationMode

from coterie.server.api.openapi import ASKED, document
from coterie.server.api.profiles import ROUTE
from coterie.server.collecting import ADDRESSES
from tests.server.served import basic, until
from tests.server.whole import Process, Whole, order

pytestmark = pytest.mark.xdist_group("openapi")

SOAK = int(os.environ.get("COTERIE_SOAK", "0"))


def table() -> set[tuple[str, str]]:
    """Method and path of every route that a server of all roles has."""
    framework = Litestar([*ASKED], openapi_config=None, logging_config=None)
    found = {
        (method, route.path_format)
        for route in framework.routes
        for method in getattr(route, "methods", ())
    }
    found |= {(method, path) for path in ADDRESSES for method in ("POST", "OPTIONS")}
    return found | {("GET", ROUTE)}


def said(*, collects: bool) -> set[tuple[str, str]]:
    """Method and path of everything in the document."""
    paths = document(collects=collects)["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def streams() -> set[str]:
    """The routes whose answers never end."""
    paths = document(collects=True)["paths"]
    return {path for path, item in paths.items() if "text/event-stream" in json.dumps(item)}


def test_document_equals_the_routes() -> None:
    """Both ways, those of events included; without that role none of them is there."""
    assert said(collects=True) == table()
    assert said(collects=False) == {(m, path) for m, path in table() if path not in ADDRESSES}


def test_every_part_that_is_named_is_there() -> None:
    """References lead somewhere, and each operation has a name of its own."""
    found = document(collects=True)
    text = json.dumps(found)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in found["components"]["schemas"], name
    named = [op["operationId"] for item in found["paths"].values() for op in item.values()]
    assert len(named) == len(set(named))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    whole = Whole(tmp_path_factory.mktemp("openapi"))
    yield whole
    assert whole.stop() == [0]


@pytest.fixture(scope="module")
def served(shop: Whole) -> Process:
    process = shop.serve().ready()
    shop.send(process, order(1, "ann", 150))
    until(lambda: process.get("/v1/profiles/ann").status == 200)
    return process


def test_what_is_served_is_what_is_documented(served: Process) -> None:
    """The same document over HTTP, and an answer for each of its routes."""
    assert served.get("/openapi.json").json == json.loads(json.dumps(document(collects=True)))
    for method, path in sorted(each for each in table() if each[1] not in streams()):
        reply = served.ask(method, path.replace("{id}", "ann").replace("{name}", "vip"), b"{}")
        absent = reply.status == 404 and reply.json["code"] == "not_found"
        assert reply.status not in (405, 500), (method, path)
        assert not absent, (method, path)


def test_generated_requests_are_answered_as_documented(shop: Whole, served: Process) -> None:
    """Schemathesis: statuses, media types and bodies as documented, and never a failure."""
    _tried(shop, served, 3)


@pytest.mark.soak
def test_many_generated_requests_are_answered_as_documented(shop: Whole, served: Process) -> None:
    """The same with as many examples as there is time for."""
    _tried(shop, served, max(SOAK // 1_000, 50))


def _tried(shop: Whole, served: Process, examples: int) -> None:
    schema = schemathesis.openapi.from_dict(document(collects=True))
    for path in streams():
        schema = schema.exclude(path=path, method="GET")
    schema.config.base_url = f"http://127.0.0.1:{served.port}"
    for result in schema.get_all_operations():
        operation = result.ok()
        headers = {"authorization": basic(shop.key)} if operation.path in ADDRESSES else {}
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            _held(operation, mode, headers, examples)
    assert served.get("/health").status == 200


def _held(operation: Any, mode: GenerationMode, headers: dict[str, str], examples: int) -> None:
    """One route's answers are as documented."""

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        derandomize=not SOAK, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(mode))
    def answered(case: Any) -> None:
        case.call_and_validate(headers=headers)

    with suppress(Unsatisfiable):  # nothing about it can be wrong
        answered()
