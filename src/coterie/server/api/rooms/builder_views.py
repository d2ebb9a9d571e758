"""What the builder's routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from coterie.language.differences import Difference
from coterie.language.time import from_micros
from coterie.profiles.estimating import Count, Share
from coterie.profiles.estimating.shares import CONFIDENCE
from coterie.project.drafting.mistakes import Mistake
from coterie.project.drafting.vocabulary import KnownValue
from coterie.project.previewing import Effect, Mover, PreviewReport

MOVERS = 20
"""People who are named of each segment's entrances, and of its exits."""


class DraftBody(msgspec.Struct):
    """A definition that is being written.

    Parameters
    ----------
    definition : dict
        A trait, segment or stages as ``docs/language.md`` says under "As YAML", in JSON.
    name : str
    everybody : bool
        Count all, however long it takes; else a sample where all would take more than a second.
    """

    definition: dict[str, Any]
    name: str = "draft"
    everybody: bool = False


class SaveBody(msgspec.Struct):
    """A definition to save, and why.

    Parameters
    ----------
    edition : str
        As ``GET /v1/drafts/{name}`` said it; empty for a new one.
    """

    definition: dict[str, Any]
    note: str = ""
    author: str = ""
    edition: str = ""


class Counted(msgspec.Struct, frozen=True):
    """How many people a definition would hold.

    Parameters
    ----------
    as_of : datetime
        The instant that was asked about: the answer published last.
    people, sample : int
        Everybody, and how many of them were asked.
    exact : bool
        Whether everybody was.
    confidence : float
        How often ``low`` and ``high`` hold the number between them.
    holds, audience : Share
        Who is in it, and who of them may be used for its purpose.
    examples : list of dict
        Some of the audience, by ``profile``, with values that the definition refers to.
    """

    as_of: datetime
    people: int
    sample: int
    exact: bool
    confidence: float
    holds: Share
    audience: Share
    examples: list[dict[str, Any]]


class CountAnswer(msgspec.Struct, frozen=True):
    """A count, or why there is none."""

    mistakes: list[Mistake]
    count: Counted | None = None


class Previewed(msgspec.Struct, frozen=True):
    """What a definition would change by itself, at the answer published last.

    Parameters
    ----------
    effects : list of Effect
        Each segment and stage that would mean something else.
    movers : list of Mover
        Some who would enter or leave, of those who may be used; `effects` counts all.
    """

    as_of: datetime
    version: int
    differences: list[Difference]
    effects: list[Effect]
    movers: list[Mover]
    notes: list[str]


class PreviewAnswer(msgspec.Struct, frozen=True):
    """A preview, or why there is none."""

    mistakes: list[Mistake]
    preview: Previewed | None = None


class Values(msgspec.Struct, frozen=True):
    """Known texts, the most frequent first."""

    values: list[KnownValue]


def counted(found: Count) -> Counted:
    """A count as it is told."""
    return Counted(
        from_micros(found.at), found.people, found.sample, found.sample >= found.people,
        CONFIDENCE, found.holds, found.audience, found.examples,
    )  # fmt: skip


def previewed(found: PreviewReport) -> Previewed:
    """A preview as it is told."""
    return Previewed(
        from_micros(found.at), found.version, found.differences, found.effects,
        found.movers, found.notes,
    )  # fmt: skip
