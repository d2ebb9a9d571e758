"""What an audit finds, as data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import pandas as pd


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """Anything that an audit says."""


class Bar(Found, frozen=True):
    """One bar of a distribution: people between two numbers (the first included), or of a value.

    A value that fewer than 5 people share is counted with the others, which have no value.
    """

    people: int
    low: float | None = None
    high: float | None = None
    value: str | None = None


class Importance(Found, frozen=True):
    """How much one attribute tells of the target.

    Parameters
    ----------
    information : float
        Mutual information in bits (Kraskov et al. 2004; Ross 2014), 0 for independence.
    lost : float
        What a gradient boosting model loses of its score on people held out when the attribute is
        shuffled among them: the mean of 5 shuffles.
    deviation : float
        The standard deviation of those.
    """

    information: float
    lost: float
    deviation: float


class Attribute(Found, frozen=True):
    """One trait over everybody.

    Parameters
    ----------
    kind : str
        ``number``, ``boolean``, ``category``, ``ordinal`` or ``instant``.
    unknown, distinct : int
        People whose value is unknown; different known values.
    least, lower, middle, upper, most, mean, deviation, skewness : float or None
        Minimum, quartiles, maximum and moments of a number, or of an instant's age in days.
    commonest_share : float
        Of all people, those with the most frequent value.
    outliers_z, outliers_iqr : int
        Beyond a robust z of 3.5, and beyond three quartile ranges (Tukey's "far out").
    scale : str
        Of the bars: ``each`` (a bar a whole number), ``even``, ``log``, ``middle`` (even, but for
        a wide one at an end where values lie far beyond), or empty for values.
    stale_days : float or None
        The median over people of the days since their newest event that the trait rests on.
    stale_share : float or None
        Of the people with such an event, those whose newest is more than a year old.
    correlated : str
        The attribute of the strongest Spearman correlation, which is `correlation`.
    importance : Importance or None
        For the target; None where there is none, or where it is defined by this attribute.
    used_by : tuple of str
        The definitions that refer to it.
    """

    name: str
    kind: str
    unit: str = ""
    people: int = 0
    unknown: int = 0
    distinct: int = 0
    least: float | None = None
    lower: float | None = None
    middle: float | None = None
    upper: float | None = None
    most: float | None = None
    mean: float | None = None
    deviation: float | None = None
    skewness: float | None = None
    commonest_share: float = 0.0
    outliers_z: int = 0
    outliers_iqr: int = 0
    scale: str = ""
    bars: tuple[Bar, ...] = ()
    stale_days: float | None = None
    stale_share: float | None = None
    correlated: str = ""
    correlation: float | None = None
    importance: Importance | None = None
    used_by: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


_TOLD = {"information": "information", "lost": "lost", "lost_deviation": "deviation"}
"""Columns of a table of attributes, and the fields of `Importance` they hold."""


class Recorded(Found, frozen=True):
    """One property of the tracking plan, or an event where `name` is empty.

    Parameters
    ----------
    rows : int
        Of the event in the lake.
    filled : int
        Of those, with a value.
    newest : int or None
        The newest event that has it, microseconds UTC.
    used_by : tuple of str
        The definitions that read it; empty: nothing does.
    """

    event: str
    name: str = ""
    type: str = ""
    pii: str = "none"
    rows: int = 0
    filled: int = 0
    newest: int | None = None
    used_by: tuple[str, ...] = ()


class Audit(Found, frozen=True):
    """What a project holds of its people, and what of it is used.

    Parameters
    ----------
    at, offset : int
        The position; the clock is microseconds UTC.
    purpose : str
        Attributes describe the people who may be used for it.
    people : int
    target : str
        What importance is for; empty where nothing is.
    score : float or None
        Of the model that knows all attributes, on people held out: `score_name`.
    attributes : tuple of Attribute
        With a target the most important first, else as defined.
    recorded : tuple of Recorded
        Every event and property of the tracking plan.
    idle_traits : tuple of str
        Traits that decide no segment or stage, even through other definitions.
    left_out : dict of str to str
        Traits that are not described, and why.
    """

    name: str
    at: int
    offset: int
    purpose: str
    people: int
    attributes: tuple[Attribute, ...]
    recorded: tuple[Recorded, ...] = ()
    idle_traits: tuple[str, ...] = ()
    left_out: dict[str, str] = {}
    target: str = ""
    score: float | None = None
    score_name: str = ""
    zone: str = "UTC"

    @property
    def unused(self) -> tuple[Recorded, ...]:
        """The properties, and the events as a whole, that no definition reads."""
        idle = {one.event for one in self.recorded if not one.name and not one.used_by}
        return tuple(
            one
            for one in self.recorded
            if not one.used_by and (not one.name or one.event not in idle)
        )

    def as_json(self) -> str:
        """The audit as JSON; instants are microseconds UTC."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    def to_pandas(self) -> pd.DataFrame:
        """One row an attribute, without its bars."""
        import pandas as pd

        rows = []
        for one in self.attributes:
            row = msgspec.structs.asdict(one)
            importance = row.pop("importance")
            row |= {name: getattr(importance, field, None) for name, field in _TOLD.items()}
            row["used_by"], row["remarks"] = ", ".join(one.used_by), "; ".join(one.remarks)
            del row["bars"]
            rows.append(row)
        return pd.DataFrame(rows)

    def html(self) -> str:
        """The audit as one page that needs no network and names nobody."""
        from coterie.discover.auditing.page import Written

        return Written(self).html()

    def report(self, path: Path | str) -> Path:
        """The page written to a file."""
        path = Path(path)
        path.write_text(self.html(), "utf-8")
        return path
