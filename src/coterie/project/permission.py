"""Who may be used: at the instant that is asked about, and still today (law 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from coterie.errors import NoPurpose, nearest
from coterie.language.codec import from_json
from coterie.language.definitions import Trait
from coterie.privacy.consent import CONSENT, REFUSABLE
from coterie.profiles.asking import points
from coterie.profiles.stores import Position
from coterie.storage.identities import Identities

if TYPE_CHECKING:
    from coterie.project.project import Project
    from coterie.storage.ledger import Run

_BATCH = 10_000


def purpose_of(project: Project, group: str, run: Run | None = None) -> str:
    """What a segment's people may be used for: by today's definitions, else by those of a run.

    Raises
    ------
    NoPurpose
        The project does not declare it any more.
    """
    library = project.library
    if group in library and not isinstance(library.definition(group), Trait):
        return library.purpose(group)
    kept = project.stores.ledger.definitions(run.definitions_hash) if run else None
    former = from_json(kept.json).by_name.get(group) if kept else None
    purpose = getattr(former, "purpose", "") or library.default_purpose
    if purpose not in library.purposes:
        raise NoPurpose(
            f"the people of {group!r} were for a purpose that the project does not declare",
            got=repr(purpose), hint=nearest(purpose, library.purposes),
        )  # fmt: skip
    return purpose


def allowed(project: Project, profiles: pa.Array, purpose: str, position: Position) -> pa.Array:
    """Whether each of these people might be used for a purpose at a position."""
    if not len(profiles):
        return pa.array([], pa.bool_())
    may = project.questions.may[purpose]
    everyone = profiles.unique()
    values = project.answers.values([may], points(everyone, *position))
    found = pc.index_in(profiles, value_set=values["profile"].combine_chunks())
    return values[may].combine_chunks().take(found)


def still_allowed(project: Project, profiles: pa.Array, purpose: str, t: int) -> pa.Array:
    """Whether each of these people may be used today, by all that is known.

    Parameters
    ----------
    t : int
        The instant that is asked about; today is not before it.

    Notes
    -----
    A withdrawal counts from when it was said, whatever the clock of the last run is, and a
    refusal that still waits in the log counts as well. Who has become part of another profile
    is asked about as that one.
    """
    lake = project.stores.lake
    run = project.stores.ledger.last_run()
    clock = t if run is None else max(t, run.clock)
    today = Position(lake.offset(), max(clock, project.now()))
    current = _as_known(project, profiles, today.offset)
    refusing = pa.array(sorted(_refusing(project, purpose)), pa.string())
    refused = pc.or_(pc.is_in(profiles, value_set=refusing), pc.is_in(current, value_set=refusing))
    return pc.and_not(allowed(project, current, purpose, today), refused)


def _refusing(project: Project, purpose: str) -> set[str]:
    """Who refused a purpose in what the lake has not read yet, as users and as devices."""
    if project.library.purposes[purpose] not in REFUSABLE:
        return set()
    log, lake = project.stores.log, project.stores.lake
    found: set[str] = set()
    offset = lake.offset()
    while entries := log.read(offset, _BATCH, "event"):
        offset = entries[-1].offset
        for said in (entry.event for entry in entries):
            about = said.properties.get("purpose"), said.properties.get("granted")
            if said.name == CONSENT and about == (purpose, False):
                found |= {who for who in (said.user_id, said.anonymous_id) if who is not None}
    return found


def _as_known(project: Project, profiles: pa.Array, offset: int) -> pa.Array:
    """The profile that each has become."""
    with project.stores.lake.connect() as con:
        links = Identities(project.stores.lake.folder).links(con, offset)
        pairs = con.table(links).to_arrow_table() if links else None
    if pairs is None:
        return profiles
    found = pc.index_in(profiles, value_set=pairs["anonymous"].combine_chunks())
    return pc.coalesce(pairs["user"].combine_chunks().take(found), profiles)
