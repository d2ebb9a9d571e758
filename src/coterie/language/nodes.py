"""The tree of the trait language: every node is a short declaration, and means nothing else.

Three families share the tree. A *selection* picks events of one profile, in time order. A
*row expression* reads one selected event. A *profile expression* reads one profile at an
instant; its leaves are aggregates of selections and references to other definitions.

Nodes are immutable, compare by structure, and serialise to canonical JSON
(:mod:`coterie.language.codec`), to SQL and the other engines, and to English.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args

from msgspec.structs import force_setattr

from coterie.language.numbers import exact
from coterie.language.time import utc
from coterie.language.tree import Node as Node
from coterie.language.tree import parts as parts
from coterie.language.tree import rebuild as rebuild
from coterie.language.tree import walk as walk

# --- selections: which events -------------------------------------------------------------


class Named(Node, frozen=True, tag="event"):
    """Every event of one name."""

    event: str


class Where(Node, frozen=True, tag="where"):
    """The events of `of` for which the row predicate `that` is true (unknown leaves out)."""

    of: Selection
    that: Expr


class Either(Node, frozen=True, tag="either"):
    """The events in any of the parts, each event once."""

    parts: tuple[Selection, ...]


class Then(Node, frozen=True, tag="then"):
    """Each `second` at `e` with some `first` in ``(e - within, e)``, nothing consumed."""

    first: Selection
    second: Selection
    within: timedelta


class Without(Node, frozen=True, tag="without"):
    """Each `first` at `e` with no `second` in ``(e, e + within)``; occurs at ``e + within``."""

    first: Selection
    second: Selection
    within: timedelta


class Sessions(Node, frozen=True, tag="sessions"):
    """Each event at `e` that starts a session: none of `of` in ``(e - gap, e)``.

    Simultaneous events start one session, represented by the one with the smallest key.
    """

    of: Selection
    gap: timedelta


# --- row expressions: one selected event --------------------------------------------------


class Property(Node, frozen=True, tag="property"):
    """The value of one property of the event."""

    name: str


class At(Node, frozen=True, tag="at"):
    """The instant of the event (for `Without`, the instant it occurs at)."""


# --- aggregates: leaves over a profile's events -------------------------------------------


class Aggregate(Node, frozen=True):
    """A value of the selected events of one profile at `t`, within ``(t - within, t]`` if given."""

    of: Selection
    within: timedelta | None = None


class Count(Aggregate, frozen=True, tag="count", kw_only=True):
    """How many events; with `since`, those in ``(since, t]``. Over nothing: 0."""

    since: Expr | None = None


class Any_(Aggregate, frozen=True, tag="any", kw_only=True):  # noqa: N801 (Any is typing's)
    """Whether there is an event; with `since`, one in ``(since, t]``. Over nothing: false."""

    since: Expr | None = None


class Sum(Aggregate, frozen=True, tag="sum", kw_only=True):
    """The sum of the known values; with `since`, of ``(since, t]``. Over nothing: null."""

    value: Expr
    since: Expr | None = None


class Mean(Aggregate, frozen=True, tag="mean", kw_only=True):
    """The mean of the known values: a decimal of scale 6, half away from zero."""

    value: Expr


class Min(Aggregate, frozen=True, tag="min", kw_only=True):
    """The smallest known value."""

    value: Expr


class Max(Aggregate, frozen=True, tag="max", kw_only=True):
    """The largest known value."""

    value: Expr


class First(Aggregate, frozen=True, tag="first", kw_only=True):
    """The known value with the smallest ``(at, key)``."""

    value: Expr


class Last(Aggregate, frozen=True, tag="last", kw_only=True):
    """The known value with the largest ``(at, key)``."""

    value: Expr


class FirstAt(Aggregate, frozen=True, tag="first_at"):
    """The instant of the earliest event."""


class LastAt(Aggregate, frozen=True, tag="last_at"):
    """The instant of the latest event."""


class Distinct(Aggregate, frozen=True, tag="distinct", kw_only=True):
    """How many different known values. Over nothing: 0."""

    value: Expr


class Top(Aggregate, frozen=True, tag="top", kw_only=True):
    """The most frequent known value; ties go to the most recent, then to the larger key."""

    value: Expr


class Values(Aggregate, frozen=True, tag="values", kw_only=True):
    """The `limit` most recent different known values, most recent first. Over nothing: null."""

    value: Expr
    limit: int


class Decayed(Aggregate, frozen=True, tag="decayed", kw_only=True):
    """Sum of `weight` (or 1) times ``exp(-rate x days)`` of each event's age. Over nothing: null.

    `half_life` is the same as a rate of ``ln 2`` a half-life. With `step` the sum is that of the
    last instant which is a whole number of steps after 1970-01-01 UTC, and stays so until the next.
    """

    half_life: timedelta | None = None
    rate: Decimal | None = None
    weight: Expr | None = None
    step: timedelta | None = None

    def __post_init__(self) -> None:
        if self.rate is not None:
            force_setattr(self, "rate", exact(self.rate))


# --- profile expressions ------------------------------------------------------------------


class Number(Node, frozen=True, tag="number"):
    """An exact constant; 1.50 and 1.5 are one."""

    value: Decimal

    def __post_init__(self) -> None:
        force_setattr(self, "value", exact(self.value))


class Words(Node, frozen=True, tag="text"):
    """A text constant."""

    value: str


class Truth(Node, frozen=True, tag="truth"):
    """True or false."""

    value: bool


class Moment(Node, frozen=True, tag="instant"):
    """An instant constant (aware, UTC)."""

    value: datetime

    def __post_init__(self) -> None:
        force_setattr(self, "value", utc(self.value))


class Length(Node, frozen=True, tag="duration"):
    """A duration constant."""

    value: timedelta


class Ref(Node, frozen=True, tag="ref"):
    """The value of another definition: a trait's value, a stage, or whether a segment holds."""

    name: str


class Clock(Node, frozen=True, tag="clock"):
    """The instant of evaluation less `minus`; only lowering writes it."""

    minus: timedelta


class Arithmetic(Node, frozen=True, tag="arithmetic"):
    """``left op right``; beyond 64 bits of units, or divided by zero, unknown."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


class Compare(Node, frozen=True, tag="compare"):
    """``left op right``; unknown where either side is."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Expr
    right: Expr


class And(Node, frozen=True, tag="and"):
    """True where every part is, false where one is false, else unknown."""

    parts: tuple[Expr, ...]


class Or(Node, frozen=True, tag="or"):
    """True where a part is, false where every part is false, else unknown."""

    parts: tuple[Expr, ...]


class Not(Node, frozen=True, tag="not"):
    """True where `of` is false, unknown where it is unknown."""

    of: Expr


class Known(Node, frozen=True, tag="known"):
    """Whether `of` has a value; never unknown."""

    of: Expr


class Between(Node, frozen=True, tag="between"):
    """``low <= of <= high``, both ends included."""

    of: Expr
    low: Expr
    high: Expr


class IsIn(Node, frozen=True, tag="in"):
    """Whether `of` equals one of the constants."""

    of: Expr
    options: tuple[Number | Words | Truth | Moment, ...]


class Match(Node, frozen=True, tag="match"):
    """Whether text `of` contains, starts or ends with `text`, or equals it.

    With `fold`, the ASCII letters A-Z count as a-z on both sides; other letters never fold.
    """

    op: Literal["contains", "starts_with", "ends_with", "equals"]
    of: Expr
    text: str
    fold: bool = False


class Has(Node, frozen=True, tag="has"):
    """Whether the list `of` holds the constant; unknown where the list is."""

    of: Expr
    value: Number | Words | Truth | Moment


class When(Node, frozen=True, tag="when"):
    """One branch of a case: the value where the condition is true."""

    condition: Expr
    value: Expr


class Case(Node, frozen=True, tag="case"):
    """The value of the first branch whose condition is true, else `otherwise` (or null)."""

    whens: tuple[When, ...]
    otherwise: Expr | None = None


class Coalesce(Node, frozen=True, tag="coalesce"):
    """The first known value."""

    parts: tuple[Expr, ...]


class Age(Node, frozen=True, tag="age"):
    """Time since the instant `of`; with `step`, the whole steps of it as an integer."""

    of: Expr
    step: timedelta | None = None


class Population(Node, frozen=True, tag="population"):
    """A statistic of a trait over everyone whose value is known, from the active fit."""

    statistic: Literal["min", "max", "mean", "stddev", "quantile"]
    of: Expr
    q: Decimal | None = None

    def __post_init__(self) -> None:
        if self.q is not None:
            force_setattr(self, "q", exact(self.q))


class QuantileRank(Node, frozen=True, tag="quantile_rank"):
    """1 + the number of the ``n - 1`` fitted edges below the value."""

    of: Expr
    n: int


class Cluster(Node, frozen=True, tag="cluster"):
    """The number of the cluster that the active version of `model` puts the inputs into, from 0."""

    model: str
    inputs: tuple[Expr, ...]


class Predict(Node, frozen=True, tag="predict"):
    """What the active version of `model` predicts from the inputs."""

    model: str
    inputs: tuple[Expr, ...]


Selection = Named | Where | Either | Then | Without | Sessions
Literal_ = Number | Words | Truth | Moment
Leaf = (
    Count | Any_ | Sum | Mean | Min | Max | First | Last | FirstAt | LastAt
    | Distinct | Top | Values | Decayed
)  # fmt: skip
Fitted = Population | QuantileRank | Cluster | Predict
Expr = (
    Property | At | Leaf | Number | Words | Truth | Moment | Length | Ref | Clock
    | Arithmetic | Compare | And | Or | Not | Known | Between | IsIn | Match | Has
    | Case | Coalesce | Age | Fitted
)  # fmt: skip

SELECTIONS: tuple[type, ...] = get_args(Selection)
EXPRESSIONS: tuple[type, ...] = get_args(Expr)
AGGREGATES: tuple[type, ...] = get_args(Leaf)
FITTED: tuple[type, ...] = get_args(Fitted)
