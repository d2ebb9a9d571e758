"""What the workbench is asked: every page, and every filter of one with a value that varies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from coterie import days, event, segment
from coterie.language.codec import to_json
from coterie.language.naming import named

AIMS = {"pages": 500, "filters": 300, "questions": 1_000}
"""Milliseconds that 95 of 100 requests of each kind may take at most."""


VARIED = 7_777


class Visit(NamedTuple):
    """One kind of request.

    Parameters
    ----------
    kind : str
        Of `AIMS`.
    path : str
        With ``{person}``, ``{segment}``, ``{other}``, ``{trait}``, ``{told}`` (a trait that is told
        of the segment's people), ``{day}`` and ``{i}``.
    body : str
        Of a POST, in which `VARIED` stands for a number; empty for a GET.
    """

    kind: str
    name: str
    path: str
    body: str = ""


class Filling(NamedTuple):
    """What is put into the places of a path, another each time."""

    people: Sequence[str]
    segments: Sequence[str]
    traits: Sequence[str]
    told: Mapping[str, Sequence[str]]

    def of(self, visit: Visit, times: int) -> Iterator[tuple[str, str]]:
        """Path and body of each request."""
        for i in range(times):
            segment = self.segments[i % len(self.segments)]
            told = self.told[segment] or [""]
            path = visit.path.format(
                person=self.people[i * 7_919 % len(self.people)], segment=segment,
                told=told[i // len(self.segments) % len(told)],
                other=self.segments[(i + 1) % len(self.segments)],
                trait=self.traits[i % len(self.traits)], day=f"2025-12-{1 + i % 28:02}", i=i + 1,
            )  # fmt: skip
            yield path, visit.body.replace(str(VARIED), str(1 + i % 20))


def _draft() -> str:
    """A segment of two conditions over events, as the builder sends it."""
    order, seen = event("Order Completed"), event("page")
    drawn = segment((order.count() >= VARIED) & seen.any(within=days(30)), purpose="analytics")
    tree = json.loads(to_json(named({"draft": drawn})))["draft"]
    return json.dumps({"definition": tree})


_DRAFT = _draft()

VISITS = (
    Visit("pages", "home", "/"),
    Visit("pages", "segments", "/segments"),
    Visit("pages", "one segment", "/segments/{segment}"),
    Visit("pages", "its people", "/segments/{segment}/people"),
    Visit("pages", "its changes", "/segments/{segment}/changes"),
    Visit("pages", "its traits", "/segments/{segment}/traits"),
    Visit("pages", "its overlap", "/segments/{segment}/overlap"),
    Visit("pages", "its size by month", "/segments/{segment}/months"),
    Visit("pages", "stages", "/segments/lifecycle_stage"),
    Visit("pages", "a new segment", "/segments/new"),
    Visit("pages", "an edit", "/segments/{segment}/edit"),
    Visit("pages", "people", "/people"),
    Visit("pages", "one person", "/people/{person}"),
    Visit("pages", "a busy person", "/people/busy"),
    Visit("pages", "why", "/people/{person}/why/{segment}"),
    Visit("pages", "explore", "/explore"),
    Visit("pages", "explore RFM", "/explore/rfm"),
    Visit("pages", "explore a flow", "/explore/flow"),
    Visit("pages", "explore retention", "/explore/retention"),
    Visit("pages", "explore a funnel", "/explore/funnel"),
    Visit("pages", "explore a comparison", "/explore/comparison"),
    Visit("pages", "studies", "/studies"),
    Visit("pages", "data", "/data"),
    Visit("pages", "quarantine", "/data/quarantine"),
    Visit("pages", "settings", "/settings"),
    Visit("filters", "segments by a word", "/segments?search={segment}"),
    Visit("filters", "its people by an id", "/segments/{segment}/people?search={person}"),
    Visit("filters", "its people by a trait", "/segments/{segment}/people?sort={told}&order=down"),
    Visit("filters", "its people, page", "/segments/{segment}/people?page={i}&who=everyone"),
    Visit("filters", "who left it", "/segments/{segment}/changes?change=exited"),
    Visit("filters", "another of its traits", "/segments/{segment}/traits?trait={trait}"),
    Visit("filters", "a person by an id", "/people?id={person}"),
    Visit("filters", "a person's orders", "/people/{person}?event=Order+Completed"),
    Visit("filters", "a person as of a day", "/people/{person}?at={day}"),
    Visit("filters", "a busy person's timeline", "/v1/people/busy/timeline?page={i}"),
    Visit("filters", "another trait", "/explore/distribution?trait={trait}"),
    Visit("filters", "another comparison", "/explore/comparison?a={segment}&b={other}"),
    Visit("filters", "quarantine by a reason", "/data/quarantine?reason=missing"),
    Visit("questions", "the builder's count", "/v1/definitions/count", _DRAFT),
    Visit("questions", "the builder's check", "/v1/definitions/check", _DRAFT),
)
