"""`GET /v1/profiles/{id}`: answered without a framework, for it is asked most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import msgspec

from coterie.collect.spec import MOST_TEXT
from coterie.errors import UnknownPerson
from coterie.language.time import from_micros
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.project import Project
from coterie.server.answers import Answer
from coterie.server.api.guard import Caller
from coterie.server.api.problems import MISTAKEN, UNKNOWN, UNREADY
from coterie.server.api.views import Audience, Held, Profile, Staged
from coterie.server.desk import Desk

if TYPE_CHECKING:
    from coterie.project.reports import ProfileReport
    from coterie.project.streaming.live import Live
    from coterie.project.streaming.live import Profile as Current

ROUTE = "/v1/profiles/{id}"
BEFORE = "/v1/profiles/"
KINDS = ("any", "user", "anonymous", "profile")

_LONGEST = 4 * MOST_TEXT
_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_HEADERS = [("content-type", "application/json"), ("cache-control", "no-store")]
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Profiles:
    """Answers who somebody is.

    Parameters
    ----------
    pseudonymiser : Pseudonymiser
    live : Live or None
        The stream of this process; without one, history is read.
    desk : Desk
        Reads history.

    Notes
    -----
    `purposes` (segment or stages -> purpose) is replaced by whoever knows the definitions; a
    segment whose purpose is not known yet may be used by nobody. `n_asked` counts the questions.
    """

    def __init__(self, pseudonymiser: Pseudonymiser, live: Live | None, desk: Desk) -> None:
        self._pseudonymiser = pseudonymiser
        self._live = live
        self._desk = desk
        self.purposes: Mapping[str, str] = {}
        self.n_asked = 0

    async def answer(self, said: str, query: str, caller: Caller) -> Answer:
        """One person by an id as a sender knew it, or by their pseudonym.

        Parameters
        ----------
        query : str
            Of the address: ``kind=`` says which kind of id it is.

        Raises
        ------
        Refused
        """
        self.n_asked += 1
        ids = self.ids(said, kind(query))
        found = self._current(ids) if self._live is not None else await self._known(ids)
        view = found if not caller.purpose else audience(found, caller.purpose)
        return Answer(200, _ENCODER.encode(view), _HEADERS)

    def ids(self, said: str, kind: str) -> Iterator[str]:
        """The pseudonyms that somebody may be meant by; of an id that nobody can have, none."""
        return self._ids(said, kind) if len(said) <= _LONGEST else iter(())

    def _ids(self, said: str, kind: str) -> Iterator[str]:
        if kind in ("any", "user"):
            yield self._pseudonymiser.person(said)
        if kind in ("any", "anonymous"):
            yield self._pseudonymiser.anonymous(said)
        if kind in ("any", "profile") and _PSEUDONYM.fullmatch(said):
            yield said

    def _current(self, ids: Iterable[str]) -> Profile:
        live = self._live
        if live is None or not live.ready:
            raise UNREADY
        for each in ids:
            found = live.profile(each)
            if found is not None:
                return self._streamed(found)
        raise UNKNOWN

    def _streamed(self, found: Current) -> Profile:
        return Profile(
            profile=found.profile, as_of=from_micros(found.clock), offset=found.offset,
            source="stream", traits=found.traits,
            segments={
                name: Held(
                    self.purposes.get(name, ""), self._may(name, found.may),
                    None if since is None else from_micros(since),
                )
                for name, since in found.memberships.items()
            },
            stages={
                name: Staged(stage, self.purposes.get(name, ""), self._may(name, found.may))
                for name, stage in found.stages.items() if stage is not None
            },
            permissions=found.may,
        )  # fmt: skip

    def _may(self, name: str, may: Mapping[str, bool]) -> bool:
        return may.get(self.purposes.get(name, ""), False)

    async def _known(self, ids: Iterable[str]) -> Profile:
        return await self._desk.ask(partial(known, [*ids]))


def kind(query: str) -> str:
    """Which kind of id is meant.

    Raises
    ------
    Refused
        There is no such kind.
    """
    if not query:
        return "any"
    said = parse_qs(query, keep_blank_values=True).get("kind", ["any"])
    if len(said) > 1 or said[0] not in KINDS:
        raise MISTAKEN
    return said[0]


def known(ids: list[str], project: Project) -> Profile:
    """A person as history has them, at the position of the last run.

    Raises
    ------
    Refused
        Nobody is known by any of these pseudonyms.
    """
    for each in ids:
        try:
            return _read(project.people.report(each, None, 1))
        except UnknownPerson:
            continue
    raise UNKNOWN


def _read(found: ProfileReport) -> Profile:
    return Profile(
        profile=found.profile, as_of=from_micros(found.at), offset=found.offset,
        source="history", traits=found.traits,
        segments={each.name: Held(each.purpose, each.may, None) for each in found.segments},
        stages={each.name: Staged(each.stage, each.purpose, each.may) for each in found.stages},
        permissions=found.permissions,
    )  # fmt: skip


def audience(found: Profile, purpose: str) -> Audience:
    """What a purpose may know of a person (law 13)."""
    segments, stages = found.segments, found.stages
    return Audience(
        profile=found.profile, as_of=found.as_of, offset=found.offset, source=found.source,
        purpose=purpose,
        segments={n: h.since for n, h in segments.items() if h.may and h.purpose == purpose},
        stages={n: s.stage for n, s in stages.items() if s.may and s.purpose == purpose},
    )  # fmt: skip
