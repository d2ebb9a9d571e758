"""Everyone of a large shop: 12 traits and 10 segments, their memberships, written to a file.

``--events 200000000`` is 10 million people; the default is a tenth of it. DuckDB gets half of the
machine's memory and spills what does not fit.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from common import asking
from common.events import NOW, lake_of
from common.results import keep

from coterie.engines.fits import Fits
from coterie.language.library import Library
from coterie.profiles import columns, members
from coterie.profiles.asking import Asking

TIMES: dict[str, float] = {}


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, and keep how long it took."""
    print(f"{name} ...", flush=True)
    begun = time.perf_counter()
    yield
    TIMES[name] = round(time.perf_counter() - begun, 1)
    print(f"  {TIMES[name]} s, {_peak_gb()} GB at most so far", flush=True)


def main() -> None:
    """Ask, compare with an independent count, and keep time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000_000)
    chosen = parser.parse_args()
    with step("make the lake, if it is not there"):
        lake = lake_of(chosen.events)
    before = _peak_gb()
    found, library = asking.load("batch")
    names = list(found.by_name)
    questions = Asking(lake, library)
    with step("who there is"):
        spine = questions.everyone(lake.offset(), [NOW])
    with step("12 traits and 10 segments of everyone"):
        answers = questions.values(names, spine, Fits()).drop_columns(["offset", "t"])
    with step("memberships, and all of it written to disk"):
        n_members, n_bytes = _written(answers, names, library)
    size = {"events": chosen.events, "people": answers.num_rows, "memberships": n_members}
    keep(
        f"scale-{chosen.events}",
        size | {"written_mb": n_bytes // 10**6},
        {"seconds": TIMES, "peak_gb": {"making": before, "answering": _peak_gb()}},
    )


def _written(answers: pa.Table, names: list[str], library: Library) -> tuple[int, int]:
    """Rows of memberships, and bytes on disk of the state and them."""
    state = columns.table(answers, {name: library.type(name) for name in names})
    inside = members.memberships(state, library.segments, library.stages)
    with tempfile.TemporaryDirectory() as folder:
        for name, table in (("state", state), ("members", inside)):
            pq.write_table(table, Path(folder) / f"{name}.parquet", compression="zstd")
        return inside.num_rows, sum(file.stat().st_size for file in Path(folder).iterdir())


def _peak_gb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 1)


if __name__ == "__main__":
    main()
