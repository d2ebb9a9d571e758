"""Everything of a study that is about one person each, as one Parquet file.

A row a person: the pseudonym, each trait under its own name, and under names that begin with ``:``
what the study made of it. One file, so that whoever is erased leaves all of it at once.

==================  ==========================================================================
column              meaning
==================  ==========================================================================
``profile``         the pseudonym
a trait's name      its value as it was found; null where it is unknown
``cluster``         of the clustering that was chosen, -1 for noise; null outside the matrix
``:in``             whether the person is in the matrix
``:fitted_on``      whether anything was fitted on them
``:imputed spend``  whether the value of ``spend`` was filled in
``:matrix 0``       coordinates, and ``:standardised 0`` where components were taken
``:kmeans-4``       the cluster in each other way to divide
==================  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from coterie.discover.crowd import Column, Crowd, Kind
from coterie.discover.keeping.erasing import PROFILE
from coterie.discover.keeping.record import Begun
from coterie.discover.prepared import Prepared, Reals

CLUSTER = "cluster"
DTYPES = {
    Kind.NUMBER: "float64",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORY: "string",
    Kind.ORDINAL: "string",
    Kind.INSTANT: "datetime64[us, UTC]",
}

Labels = NDArray[np.int32]


def crowd_table(crowd: Crowd) -> pa.Table:
    """The people with their traits alone."""
    frame = crowd.frame.reset_index(drop=True)
    arrays = [pa.array(crowd.frame.index.astype("string"), pa.string(), from_pandas=True)]
    arrays += [pa.Array.from_pandas(frame[column.name]) for column in crowd.columns]
    return pa.table(arrays, names=[PROFILE, *(column.name for column in crowd.columns)])


def crowd_of(table: pa.Table, begun: Begun) -> Crowd:
    """The people as they were found."""
    index = pd.Index(table[PROFILE].to_numpy(zero_copy_only=False), name=PROFILE)
    frame = pd.DataFrame(
        {
            column.name: table[column.name].to_pandas().astype(DTYPES[column.kind]).set_axis(index)
            for column in begun.columns
        },
        index=index,
    )
    return Crowd(frame, begun.columns, begun.at, begun.offset, begun.purpose, begun.notes)


@dataclass(frozen=True)
class Work:
    """What a study made of its people: arrays as those of :class:`coterie.discover.prepared`.

    Parameters
    ----------
    labels : dict of str to (n,) int32
        By the name of each way to divide.
    """

    matrix: Reals
    standardised: Reals
    rows: NDArray[np.int64]
    fitted_on: NDArray[np.bool_]
    imputed: NDArray[np.bool_]
    labels: dict[str, Labels]


def work_of(table: pa.Table, columns: Sequence[Column]) -> Work:
    """The same out of a file, without those who were erased."""
    inside = table[":in"].to_numpy()
    rows = np.flatnonzero(inside).astype(np.int64)
    there = table.filter(table[":in"])
    matrix = _matrix(there, "matrix")
    apart = ":standardised 0" in table.column_names
    imputed = [there[f":imputed {column.name}"].to_numpy() for column in columns]
    labels = {
        name[1:]: np.ascontiguousarray(there[name].to_numpy(), dtype=np.int32)
        for name in table.column_names
        if name.startswith(":") and table.schema.field(name).type == pa.int32()
    }
    return Work(
        matrix,
        _matrix(there, "standardised") if apart else matrix,
        rows,
        there[":fitted_on"].to_numpy().astype(bool),
        np.column_stack(imputed).astype(bool),
        labels,
    )


def with_work(
    table: pa.Table, crowd: Crowd, prepared: Prepared, labels: Mapping[str, Labels], chosen: str
) -> pa.Table:
    """The same with what a study made of the people.

    Parameters
    ----------
    labels : mapping of str to (n,) int32
        Of each way to divide, by its name; a row of the matrix each.
    chosen : str
        The name of the one that is called ``cluster``; empty where none was chosen.
    """
    n, rows = len(crowd), prepared.rows
    inside = np.zeros(n, dtype=bool)
    inside[rows] = True
    made: dict[str, pa.Array] = {":in": pa.array(inside)}
    made[":fitted_on"] = _spread(prepared.fitted_on, rows, n)
    for i, column in enumerate(crowd.columns):
        made[f":imputed {column.name}"] = _spread(prepared.imputed[:, i], rows, n)
    made |= _coordinates("matrix", prepared.matrix, rows, n)
    if prepared.components is not None:
        made |= _coordinates("standardised", prepared.standardised, rows, n)
    made |= {f":{name}": _spread(each, rows, n) for name, each in labels.items()}
    if chosen and CLUSTER not in table.column_names:
        made[CLUSTER] = made[f":{chosen}"]
    for name, array in made.items():
        table = table.append_column(name, array)
    return table


def _coordinates(name: str, matrix: Reals, rows: NDArray[np.int64], n: int) -> dict[str, pa.Array]:
    return {f":{name} {j}": _spread(matrix[:, j], rows, n) for j in range(matrix.shape[1])}


def _spread(values: NDArray[np.generic], rows: NDArray[np.int64], n: int) -> pa.Array:
    """Values of the matrix's rows as values of everybody, null for the others."""
    filled = np.zeros(n, dtype=values.dtype)
    filled[rows] = values
    absent = np.ones(n, dtype=bool)
    absent[rows] = False
    return pa.array(filled, mask=absent)


def _matrix(table: pa.Table, name: str) -> Reals:
    """``matrix`` or ``standardised``, C-contiguous."""
    found = [each for each in table.column_names if each.startswith(f":{name} ")]
    columns = [table[f":{name} {j}"].to_numpy() for j in range(len(found))]
    return np.ascontiguousarray(np.column_stack(columns), dtype=np.float64)
