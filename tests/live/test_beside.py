"""What a stream has done beside its steps: events moved by another process, records in pieces."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event as Flag

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.profiles.live.aside import Aside
from coterie.profiles.live.since import Since
from coterie.profiles.stores import Stores
from coterie.project.streaming.mover import Mover
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log
from coterie.storage.outbox import RECORDS, Mark, Moved, Outbox
from tests.storage.shop import ORDER, PLAN, order


def test_another_process_moves_what_the_log_has(tmp_path: Path) -> None:
    """Again and again, until it is closed."""
    with Log(tmp_path / "log.db") as log:
        lake, mover = Lake(tmp_path / "lake"), Mover(log.path, tmp_path / "lake", "1GB")
        for i in range(2):
            log.append_events([order(f"o{i}", "u1", "1.25")])
            mover(PLAN)
            assert lake.offset() == log.end() == i + 1
        mover.close()
        assert ORDER in lake.names()


def test_moving_that_fails_is_said(tmp_path: Path) -> None:
    """With what the process said, or that it is gone."""
    with Log(tmp_path / "log.db") as log:
        log.append_events([order("o0", "u1", "1.25")])
        (tmp_path / "lake").write_text("no folder")
        mover = Mover(log.path, tmp_path / "lake", "1GB")
        with pytest.raises(StoreError, match="could not be moved to the lake"):
            mover(PLAN)
        mover.close()


def test_failure_beside_ends_the_stream(tmp_path: Path) -> None:
    """Whoever asks next whether it is done is told."""

    @contextmanager
    def stores():  # type: ignore[no-untyped-def]
        with Log(tmp_path / "log.db") as log, Ledger(tmp_path / "ledger.db") as ledger:
            yield Stores(log, Lake(tmp_path / "lake"), ledger)

    def broken() -> None:
        raise StoreError("the disk is full")

    done = Flag()
    with Aside(stores, lambda plan: None) as aside:
        aside.start(PLAN, 0, done.set)
        aside.wait()
        assert done.is_set()
        assert not aside.busy
        aside.start(PLAN, 0, broken)
        while aside.busy:
            pass
        with pytest.raises(StoreError, match="disk is full"):
            aside.finished()


def test_commits_delete_what_was_moved_in_pieces(tmp_path: Path) -> None:
    """Until nothing of it is left; later records stay."""
    mark = Mark(offset=1, clock=1, horizon=None, definitions_hash="", settled=1)
    with closing(Ledger(tmp_path / "ledger.db")) as ledger:
        outbox = Outbox(ledger)
        assert outbox.commit(mark, records(150)) == 150
        left = []
        for _ in range(3):
            outbox.commit(mark, records(1), moved=Moved(120, 1))
            left.append(outbox.records().num_rows)
        assert left == [99, 48, 33]
        assert outbox.records()["id"][0].as_py() == 121


def records(n: int) -> pa.Table:
    """So many records of one entry."""
    row = {
        "profile": "p", "segment": "s", "stage": "", "change": "entered", "at": 1, "version": 1,
        "sequence": 1, "cause": "event", "reason": "", "offset": 1,
    }  # fmt: skip
    schema = pa.schema([field for field in RECORDS if field.name != "id"])
    return pa.Table.from_pylist([row] * n, schema)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from("st"), st.sampled_from(["", "x"]),
            st.sampled_from(["entered", "exited"]), st.integers(0, 99),
        )
    ),
    st.integers(0, 9),
)  # fmt: skip
def test_since_is_the_last_entrance(rows: list[tuple[str, str, str, str, int]], cut: int) -> None:
    """Of each person into each segment, whether read at the start or noted since."""
    names = ["profile", "segment", "stage", "change", "at"]
    wanted = {(p, s): at for p, s, stage, change, at in rows if change == "entered" and not stage}
    schema = pa.schema([(n, pa.string()) for n in names[:4]] + [("at", pa.int64())])
    first = [dict(zip(names, row, strict=True)) for row in rows[:cut]]
    since = Since(pa.Table.from_pylist(first, schema))
    for profile, segment, stage, change, at in rows[cut:]:
        if change == "entered" and not stage:
            since.note(profile, segment, at)
    found = {(p, s): since.of(p, s) for p in "abcd" for s in "stu"}
    assert {key: at for key, at in found.items() if at is not None} == wanted
