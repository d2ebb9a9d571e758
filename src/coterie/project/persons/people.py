"""Finding people by any id, and reading one of them with all that the log knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from coterie.collect.values import whole
from coterie.engines.fits import Fit, Fits
from coterie.errors import CoterieError, ProjectError, UnknownPerson
from coterie.language.plan import TrackingPlan
from coterie.language.time import from_micros
from coterie.profiles import fitting
from coterie.profiles.beyond import Beyond
from coterie.profiles.crossings import crossings
from coterie.profiles.live.pending import exploded_rows
from coterie.profiles.live.terms import Terms
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Position, Stores, answered
from coterie.project.persons.events import HEAD, Events, Span
from coterie.project.persons.one import One
from coterie.project.persons.reports import Found
from coterie.storage.history import told
from coterie.storage.identities import Identities
from coterie.storage.outbox import Mark, Outbox

if TYPE_CHECKING:
    from coterie.project.opened import Opened
    from coterie.storage.ledger import Run

MANY = 2_000
"""Events of one name that are read at once; of whoever has more, those that are shown."""

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_SHOWN = ["name", "at", "offset", "retired", "key", "fact", "source", "properties"]
_ORDER = [("at", "ascending"), ("key", "ascending")]


class Reading(NamedTuple):
    """The stores, a database, what the log has beyond the lake, and who is who."""

    stores: Stores
    con: duckdb.DuckDBPyConnection
    beyond: Beyond
    identities: Identities


class Persons:
    """People of a project, one at a time, as current as its log.

    Parameters
    ----------
    project : Opened

    Attributes
    ----------
    most : int or None
        Whoever has more events is not looked at by an engine: reasons may take seconds then.

    Notes
    -----
    Where a stream follows the project, its position answers; else the last run's. Events that the
    lake has not yet are read from the log. Nothing is fitted here: an instant before anything was
    learnt is answered by what was learnt first, and the answer says so.
    """

    def __init__(self, project: Opened) -> None:
        self.most: int | None = None
        self._project = project
        self._meant: tuple[tuple[str, int], Questions] | None = None
        self._open: Reading | None = None

    @property
    def _con(self) -> duckdb.DuckDBPyConnection:
        return self._reading().con

    @property
    def _beyond(self) -> Beyond:
        return self._reading().beyond

    @property
    def _identities(self) -> Identities:
        return self._reading().identities

    def _reading(self) -> Reading:
        """What is read of the stores that are open."""
        stores = self._project.stores
        if self._open is None or self._open.stores is not stores:
            log, lake, _ = stores
            self._open = Reading(stores, lake.connect(), Beyond(log, lake), Identities(lake.folder))
        return self._open

    # --- finding -----------------------------------------------------------------------------

    def find(self, said: str) -> list[Found]:
        """Whoever may be meant by a raw id, a device's id or a pseudonym; nobody gives none."""
        self._beyond.look()
        plan = self._project.plan
        found = self._rows([*self._candidates(said)], ["name", "at", "offset"], plan)
        lines = pa.array({line for e in plan.events.values() for line in e.explode.values()})
        whole = {who: rows.filter(_not(rows["name"], lines)) for who, rows in found.items()}
        return [_found(who, rows) for who, rows in whole.items() if rows.num_rows]

    def _candidates(self, said: str) -> Iterator[str]:
        pseudonymiser = self._project.pseudonymiser
        for raw in dict.fromkeys((said, whole(said))):
            yield pseudonymiser.person(raw)
            yield self._owner(pseudonymiser.anonymous(raw))
        if _PSEUDONYM.fullmatch(said):
            yield self._owner(said)

    def _known(self, said: str) -> str | None:
        """Whose pseudonym it is, if the last answer knows: a page's links say nothing else."""
        if not _PSEUDONYM.fullmatch(said):
            return None
        owner = self._owner(said)
        try:
            return owner if len(self._project.published.everybody.places([owner])) else None
        except CoterieError:
            return None  # there is no answer yet

    def _owner(self, pseudonym: str) -> str:
        """The user whom a device was first identified with, else whom the pseudonym says."""
        held = self._identities.owner(pseudonym)
        return held or self._beyond.links.get(pseudonym, pseudonym)

    # --- reading -----------------------------------------------------------------------------

    def one(self, said: str, at: int | None = None) -> One:
        """Somebody at the project's clock, or as of an instant by all that is known now.

        Raises
        ------
        UnknownPerson
            Nobody is known by this id.
        ProjectError
            Nothing has been computed yet.
        """
        self._beyond.look()
        standing, questions = self._standing()
        position = standing if at is None else Position(standing.offset, at)
        plan = questions.library.plan
        known = self._known(said)
        found = {} if known is None else self._rows([known], _SHOWN, plan, most=MANY + 1)
        found = found or self._rows([*self._candidates(said)], _SHOWN, plan, most=MANY + 1)
        for profile in found:
            return One(
                profile, questions, self._events(profile, found, questions), position, standing.t,
                self._fits(questions, position), devices=self._devices(profile),
                crossings=partial(crossings, self._project.stores, self._con, profile),
            )  # fmt: skip
        raise UnknownPerson("nobody is known by this id")

    def _events(
        self, profile: str, found: Mapping[str, pa.Table], questions: Questions
    ) -> Events:  # fmt: skip
        """Somebody's events: all of them were found, unless there are many of one name."""
        plan, said = questions.library.plan, questions.said
        names = pa.concat_tables([each.select(["name"]) for each in found.values()])["name"]
        if (pc.max(names.value_counts().field("counts")).as_py() or 0) <= MANY:
            rows = found[profile]

            def some(span: Span, names: Collection[str] | None) -> list[dict[str, Any]]:
                chosen = _named(rows.filter(_within(rows, span)), names)
                return chosen.to_pylist()  # type: ignore[no-any-return]

            return Events(rows, some, plan, said, self.most)

        def read(span: Span, names: Collection[str] | None) -> list[dict[str, Any]]:
            some = self._rows([profile], _SHOWN, plan, span=span, names=names).get(profile)
            return [] if some is None else some.to_pylist()

        head = self._rows([profile], [*HEAD, "fact"], plan)[profile]
        return Events(head, read, plan, said, self.most)

    def _standing(self) -> tuple[Position, Questions]:
        """Where the stream stands, or the last run, and the definitions in force there."""
        ledger = self._project.stores.ledger
        mark, run = Outbox(ledger).mark(), ledger.last_run()
        if mark is not None and (run is None or mark.offset > answered(run).offset):
            return Position(mark.offset, mark.clock), self._questions(mark)
        if run is None:
            raise ProjectError("nothing has been computed yet", hint="type: coterie run")
        return answered(run), self._questions(run)

    def _questions(self, by: Mark | Run) -> Questions:
        """Definitions as the ledger keeps them, under the plan as it is since the last of them."""
        project = self._project
        last = project.stores.ledger.last_run()
        key = (by.definitions_hash, 0 if last is None else last.offset)
        if self._meant is None or self._meant[0] != key:
            settings = project.settings
            terms = Terms(project.plans.load(), settings.bases, settings.default_purpose)
            recorded = terms.recorded(project.stores.ledger, by.definitions_hash)
            self._meant = key, recorded
        return self._meant[1]

    def _fits(self, questions: Questions, position: Position) -> tuple[Fits, dict[str, Fit]]:
        """What was learnt by a position; and what only later, by its key."""
        known = fitting.stored(self._project.stores.ledger, position.offset)
        later = {
            key: known.versions(key)[0]
            for key in questions.asked.fitted(questions.names)
            if known.active(key, *position) is None and known.versions(key)
        }
        passing = [fitting.passing(f.key, position.t, f.parameters) for f in later.values()]
        return known.plus(passing), later

    def _devices(self, profile: str) -> list[str]:
        held = self._project.stores.lake.people(profile)
        return sorted({*held, *self._joined(profile)} - {profile})

    def _joined(self, profile: str) -> list[str]:
        """Devices that the log identifies with somebody, and the lake with nobody yet."""
        fresh = (device for device, user in self._beyond.links.items() if user == profile)
        return [device for device in fresh if self._identities.owner(device) is None]

    def _rows(
        self, profiles: Sequence[str], columns: Sequence[str], plan: TrackingPlan,
        *, span: Span | None = None, most: int | None = None,
        names: Collection[str] | None = None,
    ) -> dict[str, pa.Table]:  # fmt: skip
        """The events of those of these people who have any, each once wherever it is by now.

        Parameters
        ----------
        span : Span, optional
            Only of these instants.
        most : int, optional
            So many of each name that the lake holds are enough.
        names : collection of str, optional
            Only of these.
        """
        beyond, lake = self._beyond, self._project.stores.lake
        owners = {each: each for each in profiles}
        owners |= {device: each for each in owners for device in self._joined(each)}
        held = lake.histories(
            self._con, [*owners], plan, columns=columns, span=span, most=most, names=names
        )
        held = held.filter(pc.less_equal(held["offset"], beyond.held))
        found: dict[str, pa.Table] = {}
        for profile in dict.fromkeys(profiles):
            own = pa.array([name for name, owner in owners.items() if owner == profile])
            people = {*own.to_pylist(), *(lake.people(profile) if beyond.n_kept else ())}
            fresh = _named(told(exploded_rows(plan, beyond.of(people)), plan), names)
            fresh = fresh if span is None else fresh.filter(_within(fresh, span))
            rows = held.filter(pc.is_in(held["profile"], own)).select(columns)
            ordered = not fresh.num_rows and len(own) == 1  # as they were read
            rows = pa.concat_tables([rows, fresh.select(columns)])
            if rows.num_rows:
                rows = _ended(rows, beyond.superseded)
                found[profile] = rows if ordered or "key" not in columns else rows.sort_by(_ORDER)
        return found


def _within(rows: pa.Table, span: Span) -> pa.ChunkedArray:
    first, last = span
    return pc.and_(pc.greater_equal(rows["at"], first), pc.less_equal(rows["at"], last))


def _named(rows: pa.Table, names: Collection[str] | None) -> pa.Table:
    if names is None:
        return rows
    return rows.filter(pc.is_in(rows["name"], value_set=pa.array(sorted(names), pa.string())))


def _not(names: pa.ChunkedArray, lines: pa.Array) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(names, value_set=lines.cast(pa.string())))


def _found(profile: str, rows: pa.Table) -> Found:
    ends = pc.min_max(rows["at"]).as_py()
    return Found(profile, rows.num_rows, from_micros(ends["min"]), from_micros(ends["max"]))


def _ended(rows: pa.Table, superseded: Any) -> pa.Table:
    """The rows, those that the log supersedes with the offset that ends each."""
    if "fact" not in rows.column_names:
        return rows
    if superseded:
        ends = [superseded.get(fact) for fact in rows["fact"].to_pylist()]
        first = pc.min_element_wise(rows["retired"], pa.array(ends, pa.int64()))
        rows = rows.set_column(rows.schema.get_field_index("retired"), "retired", first)
    return rows
