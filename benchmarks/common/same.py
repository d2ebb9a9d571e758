"""Whether contenders answered the same, before anybody speaks of their speed."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc


def check_same(answers: Mapping[str, pa.Table], key: str = "profile") -> int:
    """The number of rows that all contenders gave, equal column by column.

    A contender may answer some of the columns of the first. Sums of reals may differ by one part
    in a thousand million.

    Raises
    ------
    SystemExit
        Two contenders differ: no time is reported.
    """
    (first, wanted), *others = answers.items()
    expected = wanted.sort_by(key)
    for name, given in others:
        table = given.sort_by(key)
        for column in table.column_names:
            a, b = expected[column].combine_chunks(), table[column].combine_chunks()
            if not _equal(a, b):
                raise SystemExit(f"{first} and {name} differ in {column}: nothing was measured")
    return expected.num_rows


def _equal(a: pa.Array, b: pa.Array) -> bool:
    if (
        len(a) != len(b)
        or not pc.equal(a.is_null(), b.is_null()).to_numpy(zero_copy_only=False).all()
    ):
        return False
    if not pa.types.is_floating(a.type):
        return bool(a.equals(b.cast(a.type)))
    apart = pc.abs(pc.subtract(a, b.cast(a.type)))
    near = pc.less_equal(apart, pc.multiply(pc.abs(a), 1e-9))
    return bool(pc.all(near, min_count=0).as_py())
