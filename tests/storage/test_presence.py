"""Who is there is counted once, and is what counting anew would give, whatever happened between."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.language.events import Event
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from coterie.storage.presence import Presence
from tests.conftest import SOAK
from tests.storage.shop import PLAN, VIEW, made, order

_PEOPLE = st.sampled_from([None, "u1", "u2", "u3"])
_DEVICES = st.sampled_from([None, "d1", "d2"])
_STEPS = st.lists(
    st.tuples(_PEOPLE, _DEVICES, st.integers(0, 9), st.integers(-1, 20), st.booleans()),
    min_size=1,
    max_size=25,
)


def event(i: int, user: str | None, device: str | None, at: int, replaced: int) -> Event:
    """An event of somebody or nobody, which may supersede another, also one yet to come."""
    old = f"m{replaced}" if 0 <= replaced != i else None
    return made(f"m{i}", VIEW, at, user_id=user, anonymous_id=device, supersedes=old, properties={})


def counted(log: Log, offset: int) -> list[tuple[str, int, int]]:
    """Each profile's first and last event at an offset, from the log alone."""
    entries = [(e.offset, e.event) for e in log.read(0, 10**6, "event") if e.offset <= offset]
    users: dict[str, str] = {}
    for _, fact in entries:
        if fact.user_id and fact.anonymous_id:
            users.setdefault(fact.anonymous_id, fact.user_id)
    replaced = {fact.supersedes for _, fact in entries}
    seen: dict[str, list[int]] = {}
    for _, fact in entries:
        device = fact.anonymous_id
        profile = fact.user_id or (users.get(device, device) if device else None)
        if profile and fact.message_id not in replaced:
            seen.setdefault(profile, []).append(fact.occurred_at)
    return [(profile, min(at), max(at)) for profile, at in sorted(seen.items())]


def rows(table: pa.Table) -> list[tuple[str, int, int]]:
    return [(row["profile"], row["first"], row["last"]) for row in table.to_pylist()]


@settings(max_examples=SOAK or 12)  # each writes a lake step by step
@given(steps=_STEPS)
def test_at_every_offset_it_is_what_the_log_says(
    steps: list[tuple[str | None, str | None, int, int, bool]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Through joined devices, superseded facts, compactions and ticks, kept or not."""
    folder = tmp_path_factory.mktemp("shop")
    lake = Lake(folder / "lake")
    with Log(folder / "log.db") as log:
        for i, (user, device, at, replaced, keep) in enumerate(steps):
            log.append_events([event(i, user, device, at, replaced)])
            if keep:
                lake.flush(log, PLAN)
                lake.compact()
                lake.keep_presence()
                log.append("tick", at, b"{}")
        lake.flush(log, PLAN)
        for offset in range(log.end() + 2):
            assert rows(lake.presence(offset)) == counted(log, offset)


@pytest.fixture
def filled(log: Log, lake: Lake) -> Lake:
    """A lake of two people, counted."""
    log.append_events([order("o1", "u1", "1.00", at=5), made("v1", at=3, anonymous_id="d2")])
    log.append_events([made("v2", at=9, user_id="u2", anonymous_id="d2")])
    lake.flush(log, PLAN)
    lake.keep_presence()
    return lake


def files(lake: Lake) -> list[Path]:
    return sorted((lake.folder / "presence").glob("*"))


def test_it_is_counted_once(filled: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking, keeping it again, and ticks that move no event read no event."""
    with Log(filled.folder.parent / "log.db") as log:
        log.append("tick", 1, b"{}")
        filled.flush(log, PLAN)
    monkeypatch.setattr(Lake, "scan", None)
    filled.keep_presence()
    assert rows(filled.presence(filled.offset())) == [("u1", 5, 5), ("u2", 3, 9)]
    assert len(files(filled)) == 1


def test_what_was_counted_before_is_not_believed_after(filled: Lake, log: Log) -> None:
    """A new event is seen although nobody has counted again, and counting again forgets."""
    (before,) = files(filled)
    log.append_events([made("v3", at=1, user_id="u0")])
    filled.flush(log, PLAN)
    assert rows(filled.presence(filled.offset()))[0] == ("u0", 1, 1)
    filled.keep_presence()
    (after,) = files(filled)
    assert before != after
    assert rows(filled.presence(filled.offset()))[0] == ("u0", 1, 1)


def test_an_erased_person_is_not_kept(filled: Lake) -> None:
    """Nothing that was counted with them is left, not even what a killed process left."""
    (filled.folder / "presence" / "unfinished").write_bytes(b"u2")
    filled.erase({"u2", "d2"})
    assert files(filled) == []
    filled.keep_presence()
    assert rows(filled.presence(filled.offset())) == [("u1", 5, 5)]


def test_a_count_that_was_killed_is_not_read(
    filled: Lake, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one finishes it."""
    log.append_events([made("v3", at=1, user_id="u0")])
    filled.flush(log, PLAN)

    def killed(path: Path, _: Path) -> None:
        raise KeyboardInterrupt(path.name)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            filled.keep_presence()
    assert [path.name for path in files(filled)] == ["unfinished"]
    assert len(rows(filled.presence(filled.offset()))) == 3
    filled.keep_presence()
    assert len(files(filled)) == 1


def test_who_is_who_is_not_counted_ahead_of_the_events(
    filled: Lake, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flush that was killed between the two is finished first."""
    log.append_events([made("v3", at=4, anonymous_id="d9")])
    filled.flush(log, PLAN)
    log.append_events([made("v4", at=9, user_id="u9", anonymous_id="d9")])
    with monkeypatch.context() as patched:
        patched.setattr("coterie.storage.lake.folder", None)
        with pytest.raises(TypeError):
            filled.flush(log, PLAN)
    end = log.end()
    filled.keep_presence()
    assert [profile for profile, *_ in rows(filled.presence(filled.offset()))] == ["d9", "u1", "u2"]
    filled.flush(log, PLAN)
    filled.keep_presence()
    assert rows(filled.presence(end)) == [("u1", 5, 5), ("u2", 3, 9), ("u9", 4, 9)]


def test_nobody_is_nobody(lake: Lake, tmp_path: Path) -> None:
    """Of a lake without events, and of a folder that is not there."""
    assert rows(lake.presence(0)) == []
    lake.keep_presence()
    assert rows(lake.presence(7)) == []
    assert Presence(tmp_path / "none").read("0") is None
