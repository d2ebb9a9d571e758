"""Refused rows: listed without their content, shown, mended and tried again, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from coterie.collect.gate import REASONS
from coterie.collect.rows import Edit
from coterie.errors import StoreError
from coterie.language.time import from_micros
from coterie.project import Project
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import NOWHERE, Refused
from coterie.storage.ledger import Refused as Kept

SIZE = 50
"""Rows of one page."""

ABSENT = Refused(404, "no_row", "no row in quarantine has this id")
UNREAD = Refused(400, "mistaken", "this is no edit of a row")


class Row(msgspec.Struct, frozen=True):
    """A refused row without its content.

    Parameters
    ----------
    row : int
        Its number in its file; of a message, its place in its batch.
    reason : str
        A stable word; `meaning` says it in English.
    detail : str
        The path and what was expected there.
    """

    id: str
    source: str
    file: str
    row: int
    reason: str
    meaning: str
    detail: str
    at: datetime


class Rows(msgspec.Struct, frozen=True):
    """Some rows of the quarantine, by time.

    Parameters
    ----------
    n : int
        How many there are of this source and reason.
    reasons, sources : mapping
        How many rows there are for each, of all.
    """

    n: int
    reasons: dict[str, int]
    sources: dict[str, int]
    rows: list[Row]


class Opened(msgspec.Struct, frozen=True):
    """A refused row as it came, personal values included.

    Parameters
    ----------
    cells : mapping
        Of a row of a file, its cells by column; without values where it could not be split.
    raw : str
        The text of a message, or of a row that could not be split.
    """

    row: Row
    cells: dict[str, str | None]
    raw: str


class Tried(msgspec.Struct, frozen=True):
    """What became of rows that were tried again.

    Parameters
    ----------
    row : str
        The id by which one row that was mended is in quarantine again; empty where it passed.
    """

    replayed: int
    refused: int
    row: str = ""


_MINE = GUARDED | described(NOWHERE)
_ONE = GUARDED | described(ABSENT)
_SOURCE = QueryParameter(name="source", description="Only rows of this source.")
_REASON = QueryParameter(name="reason", description="Only rows refused for this reason.")


@get("/v1/quarantine", guards=[whole], summary="Refused rows, without content", responses=_MINE)
async def quarantine(
    request: Asked,
    source: Annotated[str, _SOURCE] = "",
    reason: Annotated[str, _REASON] = "",
    page: Annotated[int, QueryParameter(ge=1, le=1_000_000, description="Of 50 rows.")] = 1,
) -> Response[Rows]:
    """The oldest first."""
    found = await api_of(request).reading.ask(partial(rows, source, reason, page))
    return Response(found, headers=FRESH)


@get(
    "/v1/quarantine/{row:str}", guards=[whole], responses=_ONE,
    summary="One refused row as it came, personal values included",
)  # fmt: skip
async def quarantined(request: Asked, row: FromPath[str]) -> Response[Opened]:
    """For whoever is to mend it."""
    return Response(await api_of(request).reading.ask(partial(opened, row)), headers=FRESH)


@post(
    "/v1/quarantine/{row:str}/mending", guards=[whole], responses=_ONE | described(UNREAD),
    summary="Mend one refused row and try it again", status_code=200,
)  # fmt: skip
async def mend(request: Asked, row: FromPath[str], data: JSONBody[Edit]) -> Response[Tried]:
    """It leaves the quarantine where it passes now, and stays with its new reason otherwise."""
    return Response(await api_of(request).computing.ask(partial(mended, row, data)), headers=FRESH)


@post(
    "/v1/quarantine/replay", guards=[whole], responses=_MINE, status_code=200,
    summary="Try refused rows again as they are",
)  # fmt: skip
async def replay(
    request: Asked, source: Annotated[str, _SOURCE] = "", reason: Annotated[str, _REASON] = ""
) -> Response[Tried]:
    """After the tracking plan, a mapping's second file, or the clock moved."""
    found = await api_of(request).computing.ask(partial(again, source, reason))
    return Response(found, headers=FRESH)


def rows(source: str, reason: str, page: int, project: Project) -> Rows:
    """One page of the quarantine."""
    ledger = project.stores.ledger
    found = ledger.quarantined(
        source=source or None, reason=reason or None, limit=SIZE, skip=(page - 1) * SIZE
    )
    counts = ledger.refusals()
    chosen = [n for (s, r), n in counts.items() if source in ("", s) and reason in ("", r)]
    return Rows(sum(chosen), _by(counts, 1), _by(counts, 0), [_row(each) for each in found])


def opened(row: str, project: Project) -> Opened:
    """One row as it came.

    Raises
    ------
    Refused
        There is none of this id.
    """
    try:
        found, content = project.quarantine.show(row)
    except StoreError:
        raise ABSENT from None
    return Opened(_row(found), content.cells, content.raw)


def mended(row: str, edit: Edit, project: Project) -> Tried:
    """Try one row again with what was written in its place.

    Raises
    ------
    Refused
        There is none of this id.
    """
    opened(row, project)
    outcome = project.replay({row: edit})
    return Tried(outcome.n_replayed, outcome.n_refused, min(outcome.refused, default=""))


def again(source: str, reason: str, project: Project) -> Tried:
    """Try rows again as they are."""
    outcome = project.replay(source=source or None, reason=reason or None)
    return Tried(outcome.n_replayed, outcome.n_refused)


def _row(kept: Kept) -> Row:
    return Row(
        kept.id, kept.source, kept.file, kept.row, kept.reason, REASONS.get(kept.reason, ""),
        kept.detail, from_micros(kept.at),
    )  # fmt: skip


def _by(counts: dict[tuple[str, str], int], part: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, n in sorted(counts.items()):
        found[key[part]] = found.get(key[part], 0) + n
    return found


ROUTES: Sequence[HTTPRouteHandler] = (quarantine, quarantined, mend, replay)
