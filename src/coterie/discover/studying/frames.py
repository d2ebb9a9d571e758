"""A plain table of customers as the people of a study, without a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api import types

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.prepared import Note
from coterie.errors import CoterieError, UnknownName, UnreadableFile, nearest

MOST_VALUES = 200
"""Different texts in a column; beyond it a text tells people apart rather than groups."""
MOST_CODES = 10
"""In a table of so few people two numbers alone may be amounts."""
YES, NO = frozenset({"yes", "true", "y", "t"}), frozenset({"no", "false", "n", "f"})


def read(path: Path) -> pd.DataFrame:
    """A file of customers as a table: CSV, packed or not, or Parquet.

    Raises
    ------
    UnreadableFile
        There is no such file, or it is neither.
    """
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:  # a file that cannot be parsed is a ValueError
        raise UnreadableFile(
            "the table cannot be read", where=path.name, got=type(error).__name__,
            expected="a CSV file with a header, or Parquet",
        ) from None  # fmt: skip


def crowd_of(
    frame: pd.DataFrame,
    columns: Sequence[str] = (),
    *,
    id: str = "",  # noqa: A002 - what a user calls it
    ordinal: Mapping[str, Sequence[str]] | None = None,
    category: Sequence[str] = (),
    at: int = 0,
    purpose: str = "",
) -> Crowd:
    """A table as a crowd: one row a person, each column with the kind that its values have.

    Parameters
    ----------
    columns : sequence of str, optional
        Which to use; by default all that can tell groups apart.
    id : str, optional
        The column that names people; by default the index of the table. It is used as it is: a
        table has no key to make pseudonyms with.
    ordinal : mapping of str to sequence of str, optional
        Texts that have an order, with their values, least first.
    category : sequence of str
        Numbers that are codes, such as those of a region.
    at : int
        Microseconds UTC; ages of instants are counted from there.

    Raises
    ------
    UnknownName
        The table has no such column.
    CoterieError
        The table is empty, or a person has two rows.

    Notes
    -----
    Numbers written as text become numbers where all that is known can be read so; blanks are
    unknown. A column of two values such as Yes and No, or of 0 and 1 alone, is a truth; two other
    numbers alone are codes. Every such decision is one of the crowd's notes, as is each column
    that was left out.

    Examples
    --------
    >>> table = pd.DataFrame({"spend": ["10", " ", "7.5"], "active": ["Yes", "No", "Yes"]})
    >>> crowd = crowd_of(table)
    >>> [(column.name, column.kind.value) for column in crowd.columns]
    [('spend', 'number'), ('active', 'boolean')]
    """
    named = _named(frame, columns, id)
    people = _people(frame, id)
    ordered, notes = dict(ordinal or {}), list[Note]()
    _known([*ordered, *category], frame)
    series: dict[str, pd.Series] = {}
    found: list[Column] = []
    for name in named:
        column, values, said = _read(frame[name], name, ordered.get(name, ()), name in category)
        notes += said
        why = "" if columns else _useless(column, values)
        if why:
            notes.append(Note("types", why, name, int(values.nunique())))
            continue
        found.append(column)
        series[name] = values.set_axis(people)
    return Crowd(pd.DataFrame(series, index=people), tuple(found), at, 0, purpose, tuple(notes))


def _named(frame: pd.DataFrame, columns: Sequence[str], id_: str) -> list[str]:
    if not len(frame) or not len(frame.columns):
        raise CoterieError("the table has no people", got=f"{len(frame)} rows")
    _known([*columns, *([id_] if id_ else [])], frame)
    if not frame.columns.is_unique:
        raise CoterieError("two columns of the table have one name", where="columns")
    return [str(name) for name in columns or frame.columns if name != id_]


def _known(names: Sequence[str], frame: pd.DataFrame) -> None:
    for name in names:
        if name not in frame.columns:
            raise UnknownName(
                f"the table has no column {name!r}", hint=nearest(name, map(str, frame.columns))
            )


def _people(frame: pd.DataFrame, id_: str) -> pd.Index:
    found = pd.Index((frame[id_] if id_ else frame.index.to_series()).astype("string"))
    twice, unknown = len(found) - found.nunique(dropna=False), int(np.count_nonzero(found.isna()))
    if twice or unknown:
        raise CoterieError(
            "each person has one row and an id", where=id_ or "the index",
            got=f"{twice:,} ids twice, {unknown:,} unknown",
        )  # fmt: skip
    return found.astype(object).rename("profile")


def _read(
    values: pd.Series, name: str, levels: Sequence[str], is_code: bool
) -> tuple[Column, pd.Series, list[Note]]:
    if levels:
        return Column(name, Kind.ORDINAL, tuple(levels)), _text(values), []
    if is_code:
        return Column(name, Kind.CATEGORY), _text(values), []
    if types.is_datetime64_any_dtype(values.dtype):
        return Column(name, Kind.INSTANT), _instants(values), []
    if isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered:
        said = tuple(str(each) for each in values.dtype.categories)
        return Column(name, Kind.ORDINAL, said), _text(values), []
    if types.is_bool_dtype(values.dtype):
        return Column(name, Kind.BOOLEAN), values.astype("boolean"), []
    if types.is_numeric_dtype(values.dtype):
        return _number(values.astype("float64"), name, [])
    return _from_text(_text(values), name)


def _number(
    values: pd.Series, name: str, notes: list[Note]
) -> tuple[Column, pd.Series, list[Note]]:
    if set(values.dropna().unique()) == {0.0, 1.0}:
        notes = [*notes, Note("types", "0 and 1 alone: read as no and yes", name)]
        return Column(name, Kind.BOOLEAN), values.astype("boolean"), notes
    if values.nunique() == 2 and len(values) > MOST_CODES:
        notes = [*notes, Note("types", "two numbers alone: read as codes, not as amounts", name)]
        return Column(name, Kind.CATEGORY), _codes(values), notes
    return Column(name, Kind.NUMBER), values, notes


def _codes(values: pd.Series) -> pd.Series:
    """Numbers as they are written: whole ones without a point."""
    return values.map(lambda value: f"{value:g}", na_action="ignore").astype("string")


def _from_text(texts: pd.Series, name: str) -> tuple[Column, pd.Series, list[Note]]:
    """A text as what it says: numbers, truths, or names."""
    texts = texts.str.strip()
    texts = texts.mask(texts == "")
    known = texts.dropna()
    if not len(known):
        return Column(name, Kind.CATEGORY), texts, []
    lower = set(known.str.lower().unique())
    if len(lower) == 2 and lower & YES and lower & NO:
        note = Note("types", "two values: read as yes and no", name)
        truths = texts.str.lower().isin(YES).astype("boolean").where(texts.notna())
        return Column(name, Kind.BOOLEAN), truths, [note]
    numbers = pd.to_numeric(known, errors="coerce")
    n_read = int(numbers.notna().sum())
    if n_read == len(known):
        note = Note("types", "numbers written as text: read as numbers", name, n_read)
        return _number(numbers.astype("float64").reindex(texts.index), name, [note])
    notes = []
    if n_read > len(known) / 2:
        said = (
            f"text in a column of numbers ({len(known) - n_read:,} of {len(known):,} values): "
            "read as names, so no distance is taken between its numbers"
        )
        notes.append(Note("types", said, name, len(known) - n_read))
    return Column(name, Kind.CATEGORY), texts, notes


def _text(values: pd.Series) -> pd.Series:
    return values.astype("string")


def _instants(values: pd.Series) -> pd.Series:
    aware = values if getattr(values.dtype, "tz", None) else values.dt.tz_localize("UTC")
    found: pd.Series = aware.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return found


def _useless(column: Column, values: pd.Series) -> str:
    """Why a column cannot tell groups apart; empty where it may."""
    distinct = values.nunique()
    if distinct == 0:
        return "unknown for everybody"
    if distinct == 1 and not values.isna().any():
        return "the same for everybody"
    if column.kind is Kind.CATEGORY and distinct > MOST_VALUES:
        return f"{distinct:,} different texts: it tells people apart, not groups"
    return ""
