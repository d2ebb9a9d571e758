"""`GET /openapi.json`: every route that is served, those that no framework answers as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig

from coterie.server.answers import Accepted, Turned
from coterie.server.api.app import FRESH, GUARDED, OPERATIONS, QUESTIONS, Asked, guarded
from coterie.server.api.problems import MEDIA, Problem
from coterie.server.api.profiles import KINDS, ROUTE
from coterie.server.api.rooms.all import ROOMS
from coterie.server.api.views import Audience, Profile
from coterie.server.collecting import ADDRESSES

_REF = "#/components/schemas/{name}"
_GUARD: list[Mapping[str, list[str]]] = [{"token": []}, {}]
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "Of `coterie tokens add`."},
    "writeKey": {
        "type": "http", "scheme": "basic",
        "description": "The user is a write key of `coterie sources add`; the password is empty.",
    },
}  # fmt: skip
_TURNED = {
    "400": "No event can be read.",
    "401": "No write key that works.",
    "408": "The body did not come in time.",
    "413": "The body is larger than its limit, or a batch of more messages.",
    "415": "A body is plain or gzip.",
    "429": "Too many events wait.",
    "503": "Nothing can be promised now.",
}
_PROBLEMS = {
    "400": "Bad Request",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "503": "Service Unavailable",
}


@get("/openapi.json", summary="This document", guards=[guarded], responses=GUARDED)
async def openapi(request: Asked) -> Response[dict[str, Any]]:
    """Every route that is served."""
    collects = "collect" in request.app.state.api.roles()
    return Response(document(collects=collects), headers=FRESH)


ASKED: Sequence[HTTPRouteHandler] = (*OPERATIONS, *QUESTIONS, *ROOMS, openapi)
"""What the role ``api`` answers by Litestar."""


@cache
def document(*, collects: bool) -> dict[str, Any]:
    """The document of a server that answers questions.

    Parameters
    ----------
    collects : bool
        Whether it takes events as well.
    """
    config = OpenAPIConfig("Coterie", version("coterie"), path="/schema")
    found: dict[str, Any] = Litestar(
        [*ASKED], openapi_config=config, logging_config=None
    ).openapi_schema.to_schema()
    _, schemas = msgspec.json.schema_components(
        [Profile, Audience, Problem, Accepted, Turned], ref_template=_REF
    )
    components = found.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), **schemas}
    components["securitySchemes"] = _SCHEMES
    for path, item in found["paths"].items():
        for operation in item.values():
            _finished(path, operation)
        item["options"] = _options(next(iter(item.values()))["operationId"])
    found["paths"][ROUTE] = {"get": _profile()}
    if collects:
        found["paths"] |= {path: _ingest(path, kind) for path, kind in ADDRESSES.items()}
    return found


def _finished(path: str, operation: dict[str, Any]) -> None:
    """Say who may ask, and of a refused parameter that it is a problem like any other."""
    if path not in ("/health", "/ready"):
        operation["security"] = _GUARD
    mistaken = operation["responses"].get("400")
    if mistaken is not None:
        operation["responses"]["400"] = _problem("400")


def _options(operation: str) -> dict[str, Any]:
    return {
        "operationId": f"{operation}Options",
        "summary": "Which methods the route has",
        "security": [],
        "responses": {"204": {"description": "They stand in the header `allow`"}},
    }


def _problem(status: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": _PROBLEMS[status], "content": {MEDIA: {"schema": schema}}}


def _profile() -> dict[str, Any]:
    shown = {"anyOf": [{"$ref": _REF.format(name=name)} for name in ("Profile", "Audience")]}
    return {
        "operationId": "Profile",
        "summary": "One person, by an id as a sender knew it or by their pseudonym",
        "description": "A token with a purpose is shown the audiences of this purpose alone.",
        "security": _GUARD,
        "parameters": [
            {
                "name": "id", "in": "path", "required": True,
                "schema": {"type": "string", "minLength": 1},
            },
            {
                "name": "kind", "in": "query", "required": False,
                "description": "Which kind of id it is; by default each is tried in this order.",
                "schema": {"type": "string", "enum": [*KINDS], "default": KINDS[0]},
            },
        ],
        "responses": {
            "200": {
                "description": "Whoever is known by it",
                "content": {"application/json": {"schema": shown}},
            },
            **{status: _problem(status) for status in _PROBLEMS},
        },
    }  # fmt: skip


def _ingest(path: str, kind: str) -> dict[str, Any]:
    name = path.rpartition("/")[2]
    turned = {"application/json": {"schema": {"$ref": _REF.format(name="Turned")}}}
    taken = {"application/json": {"schema": {"$ref": _REF.format(name="Accepted")}}}
    responses = {
        "200": {"description": "Kept, on disk; what no event can be is named", "content": taken}
    }
    responses |= {s: {"description": text, "content": turned} for s, text in _TURNED.items()}
    return {
        "post": {
            "operationId": f"Take{name.capitalize()}",
            "summary": f"Take {'messages' if kind == 'batch' else f'a message of type {kind}'}",
            "security": [{"writeKey": []}, {}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": _BODIES[kind == "batch"]}},
            },
            "responses": responses,
        },
        "options": {
            "operationId": f"Ask{name.capitalize()}",
            "summary": "What a browser asks before it sends (CORS)",
            "security": [],
            "responses": {"204": {"description": "Any page may send"}},
        },
    }


_BODIES: Sequence[dict[str, Any]] = (
    {"type": "object", "description": "A message as the Segment specification says."},
    {
        "type": "object", "required": ["batch"],
        "properties": {"batch": {"type": "array", "description": "Messages, each with its type."}},
    },
)  # fmt: skip
