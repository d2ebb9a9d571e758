"""An answer as Arrow, and from there as pandas or Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from coterie.errors import CoterieError

if TYPE_CHECKING:
    import pandas
    import polars


class Frame:
    """A table of values: decimals are exact, instants are UTC, unknowns are null.

    Parameters
    ----------
    arrow : pyarrow.Table

    Notes
    -----
    Whatever reads Arrow takes it as it is: ``polars.DataFrame(frame)``, ``pyarrow.table(frame)``,
    ``duckdb.from_arrow(frame.arrow)``.

    Examples
    --------
    >>> frame = Frame(pa.table({"profile": ["a", "b"], "orders": [1, 2]}))
    >>> frame.columns, len(frame), frame["orders"]
    (['profile', 'orders'], 2, [1, 2])
    """

    def __init__(self, arrow: pa.Table) -> None:
        self.arrow = arrow

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.arrow.column_names)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __getitem__(self, name: str) -> list[Any]:
        return list(self.arrow[name].to_pylist())

    def __repr__(self) -> str:
        return f"<frame of {len(self):,} rows: {', '.join(self.columns)}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas data frame whose columns keep their Arrow types, so no amount is rounded."""
        try:
            import pandas
        except ModuleNotFoundError:
            raise _missing("pandas") from None
        frame: pandas.DataFrame = self.arrow.to_pandas(types_mapper=pandas.ArrowDtype)
        return frame

    def to_polars(self) -> polars.DataFrame:
        """A Polars data frame."""
        try:
            import polars
        except ModuleNotFoundError:
            raise _missing("polars") from None
        return polars.DataFrame(self)


def _missing(library: str) -> CoterieError:
    return CoterieError(
        f"{library} is not installed", hint=f"pip install 'coterie[{library}]', or use .arrow"
    )
