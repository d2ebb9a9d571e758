"""Taking people out of every study that is kept, with the core's own libraries alone.

It works where ``coterie[discover]`` is not installed any more: an erasure must not need it.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PEOPLE, STUDY, PROFILE = "people.parquet", "study.json", "profile"


def forget(folder: Path, profiles: Collection[str]) -> int:
    """Take people out of every study below a folder; how many studies they were in.

    Parameters
    ----------
    folder : Path
        Of the studies; it need not be there.
    profiles : collection of str
        Pseudonyms.

    Notes
    -----
    A finished study loses their rows: traits, coordinates and clusters. What it measured and
    fitted of everybody stays, as a model does until its next fit. A study that is not finished is
    deleted, for its checkpoints go by the position of people; it is begun anew. Nothing else of
    a study names people.
    """
    gone = pa.array(sorted(profiles), pa.string())
    studies = sorted(path for path in folder.glob("*") if path.is_dir())
    return sum(_forgotten(study, gone) for study in studies)


def _forgotten(study: Path, gone: pa.Array) -> bool:
    (study / PEOPLE).with_suffix(".unfinished").unlink(missing_ok=True)
    if not (study / PEOPLE).is_file():
        return False
    if not (study / STUDY).is_file():
        shutil.rmtree(study)
        return True
    table = pq.read_table(study / PEOPLE)
    found = pc.is_in(table[PROFILE], value_set=gone)
    if not pc.any(found).as_py():
        return False
    write(table.filter(pc.invert(found)), study / PEOPLE)
    return True


def write(table: pa.Table, path: Path) -> None:
    """Write a file of people anew; readers see the former one or this."""
    unfinished = path.with_suffix(".unfinished")
    pq.write_table(table, unfinished, compression="zstd", write_statistics=False)
    unfinished.replace(path)
