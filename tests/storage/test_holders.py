"""Which files hold rows of a few people: none of theirs is ever left out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.storage import holders
from coterie.storage.holders import Holders

PEOPLE = ["ann", "bob", "cyd", "dan", "eve"]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, set[str]]:
    """Ten files with the people of each, some rows of nobody among them."""
    made = {}
    for i in range(10):
        named = {person for j, person in enumerate(PEOPLE) if (i + 3 * j) % 4 == 0}
        file = str(tmp_path / f"{i}.parquet")
        rows = pa.table({"person": pa.array([*named, *named, None], pa.string())})
        pq.write_table(rows, file)
        made[file] = named
    return made


@pytest.mark.parametrize("most", [4_000_000, 24, 8, 0])
def test_files_of_people_are_those_that_name_them(
    files: dict[str, set[str]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little is remembered; files of which nothing is remembered are held as well."""
    monkeypatch.setattr(holders, "MOST", most)
    known = Holders()
    for people in (["ann"], ["bob", "eve"], [], ["nobody"], ["ann"], PEOPLE):
        true = [file for file, named in files.items() if named & {*people}]
        found = known.holding(files, people)
        assert {*true} <= {*found}
        assert found == true or most < 100
    known.forget()
    assert {*known.holding(files, ["cyd"])} >= {f for f, named in files.items() if "cyd" in named}
