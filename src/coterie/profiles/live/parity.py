"""Parity: the stream's values, memberships and records against SQL over all of history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.reference import Evaluation, Value
from coterie.engines.stream import StreamEngine
from coterie.language import nodes as n
from coterie.language.types import ListOf, Real, Type, is_exact_number, scale_of
from coterie.language.values import shown
from coterie.profiles import members, state
from coterie.profiles.asking import Asking
from coterie.profiles.live.host import Host
from coterie.profiles.live.records import changes_of
from coterie.profiles.timeline import History

CLOSE = 1e-9
"""How far apart, relative to the larger, two reals may be and still count as equal (law 1)."""

TOLD = 10
"""Differences that are told one by one; all are counted."""

TRIED = 1_000
"""Differences of which it is looked up whether they rest on a threshold; more are a defect."""

_NAMES = 16


class Differing(msgspec.Struct, frozen=True):
    """One value that the stream and SQL do not share, and what the reference engine says.

    Parameters
    ----------
    profile, name : str
    stream, sql, reference : str
        ``nobody`` where an engine does not know the person.
    """

    profile: str
    name: str
    stream: str
    sql: str
    reference: str


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared at one position, and what differed.

    Parameters
    ----------
    offset, clock : int
        The position; the clock is microseconds UTC.
    people, values, memberships : int
        How many were compared.
    strangers : int
        Profiles that only one of both knows.
    differing : int
        Values that differ, memberships included.
    close : int
        Values that differ because a real lies within 1e-9 of a threshold; they count as equal.
    folded : int
        Memberships that the change records add up to and the stream does not have, or the other
        way round.
    first : list of Differing
    reached : dict of str to int
        Definition -> of how many people a live event reached the value since their state last came
        out of history.
    """

    offset: int
    clock: int
    people: int
    values: int
    memberships: int
    strangers: int
    differing: int
    close: int
    folded: int
    first: list[Differing]
    reached: dict[str, int]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.strangers or self.differing or self.folded)

    @property
    def live(self) -> bool:
        """Whether any value was reached live; else history was compared with itself."""
        return any(self.reached.values())


class Comparison:
    """Compares a stream with SQL at the stream's own position.

    Parameters
    ----------
    host : Host
        The lake holds all that it knows.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._engine: StreamEngine = host.engine
        self._names: Sequence[str] = host.questions.names
        self._asked = host.questions.asked
        self._asking = Asking(host.lake, self._asked)
        self._position = (host.offset, host.engine.clock)

    def parity(self) -> Parity:
        """Everything compared."""
        engine = self._engine
        self._host.warm()
        spine = self._asking.everyone(self._position[0], [self._position[1]])
        known = engine.read(())["profile"].combine_chunks()
        both = spine.filter(pc.is_in(spine["profile"], value_set=known))
        found = list(self._differences(both))
        close = {one for one in found[:TRIED] if self._is_close(*one)}
        real = [one for one in found if one not in close]
        strangers = spine.num_rows + len(known) - 2 * both.num_rows
        mine = engine.members()
        return Parity(
            offset=self._position[0],
            clock=self._position[1],
            people=both.num_rows,
            values=both.num_rows * len(self._names),
            memberships=mine.num_rows,
            strangers=strangers,
            differing=len(real),
            close=len(close),
            folded=self._folded(mine),
            first=[self._told(*one) for one in islice(real, TOLD)],
            reached={name: n for name, n in engine.reached().items() if name in self._names},
        )

    def _differences(self, spine: pa.Table) -> Iterator[tuple[str, str]]:
        """Every profile and name whose values differ."""
        profiles = spine["profile"].to_pylist()
        for start in range(0, len(self._names), _NAMES):
            names = self._names[start : start + _NAMES]
            live = self._engine.read(names, profiles)
            sql = self._asking.values(names, spine, self._engine.fits)
            for name in names:
                rows = differs(live[name], sql[name], self._asked.type(name))
                yield from ((profiles[i], name) for i in rows)

    def _folded(self, mine: pa.Table) -> int:
        every = state.read_changes(self._host.lake, self._host.ledger)
        every = pa.concat_tables([every, changes_of(self._host.commits.take_unkept())])
        fold = members.folded(every, self._position[0])
        missing = fold.join(mine, members.KEYS, join_type="left anti").num_rows
        return int(missing + mine.join(fold, members.KEYS, join_type="left anti").num_rows)

    # --- one value ---------------------------------------------------------------------------

    def _reference(self, profile: str) -> Evaluation:
        history = History(self._host.lake, profile, self._asked.plan)
        return Evaluation(self._asked, history.facts(), *self._position, self._engine.fits)

    def _is_close(self, profile: str, name: str) -> bool:
        """Whether a value rests on a real so near to a threshold that either side is right."""
        if isinstance(self._asked.type(name), Real):
            return False
        now = self._reference(profile)
        parts = n.walk(self._asked.expanded(self._asked.lowered[name]))
        return any(_near(*pair) for part in parts for pair in self._compared(part, now))

    def _compared(self, part: n.Node, now: Evaluation) -> Iterator[tuple[Value, Value]]:
        """The pairs of reals of which one part of a definition says which is larger."""
        match part:
            case n.Compare(_, left, right) if self._is_real(left) or self._is_real(right):
                yield self._number(left, now), self._number(right, now)
            case n.QuantileRank(of) if self._is_real(of):
                key = self._asked.fit_key(part)
                fit = self._engine.fits.active(key, *self._position)
                edges = fit.parameters["edges"] if fit else ()
                yield from ((now.value(of), edge) for edge in edges)
            case n.Cluster():
                best, second, *_ = *sorted(now.densities(part), reverse=True), None, None
                yield best, second

    def _number(self, expr: n.Expr, now: Evaluation) -> Value:
        """A side of a comparison as a real, whatever its scale."""
        value, kind = now.value(expr), self._asked.type_of(expr)
        scaled = isinstance(value, int) and is_exact_number(kind)
        return value / 10 ** scale_of(kind) if scaled else value

    def _is_real(self, expr: n.Expr) -> bool:
        return isinstance(self._asked.type_of(expr), Real)

    def _told(self, profile: str, name: str) -> Differing:
        kind = self._asked.type(name)
        position = [pa.array([value], pa.int64()) for value in self._position]
        spine = pa.table([pa.array([profile]), *position], names=["profile", "offset", "t"])
        sql = self._asking.values([name], spine, self._engine.fits)[name].to_pylist()[0]
        live = self._engine.read([name], [profile])[name].to_pylist()[0]
        reference = self._reference(profile).named(name)
        said = [shown(value, kind) for value in (live, sql, reference)]
        return Differing(profile, name, *said)


def _near(left: Value, right: Value) -> bool:
    """Whether two numbers are within 1e-9 of each other."""
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return abs(left - right) <= CLOSE * max(abs(left), abs(right))


def differs(left: pa.ChunkedArray, right: pa.ChunkedArray, kind: Type) -> list[int]:
    """The rows in which two columns of values differ; two unknowns are equal."""
    if isinstance(kind, ListOf):
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        return [i for i, (a, b) in enumerate(pairs) if a != b]
    left, right = left.combine_chunks(), right.combine_chunks().cast(left.type)
    unequal = pc.not_equal(left, right)
    if isinstance(kind, Real):
        bound = pc.multiply(pc.max_element_wise(pc.abs(left), pc.abs(right)), CLOSE)
        unequal = pc.and_(unequal, pc.greater(pc.abs(pc.subtract(left, right)), bound))
    unknown = pc.xor(pc.is_null(left), pc.is_null(right))
    either = pc.or_kleene(unknown, pc.fill_null(unequal, False))
    found: list[int] = pc.indices_nonzero(either).to_pylist()
    return found
