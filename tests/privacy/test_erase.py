"""Whoever is erased was never seen, and a scan proves it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from coterie.language.types import Decimal, Text
from coterie.privacy.erase import Report, erase
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.privacy.scan import scan
from coterie.storage.balance import balance
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.log import Log
from tests.storage.shop import LINE, ORDER, PLAN, VIEW, made, order, scanned

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))
RAW = [f"person-{i}" for i in range(5)]
USERS = [PSEUDONYMISER.person(raw) for raw in RAW]
DEVICES = [PSEUDONYMISER.anonymous(raw) for raw in RAW]


def fill(log: Log, lake: Lake, ledger: Ledger, without: int | None = None) -> None:
    """Five people with orders, a device each, growing facts, changes and refused rows."""
    for day in range(12):
        events = []
        for i, (user, device) in enumerate(zip(USERS, DEVICES, strict=True)):
            if i != without:
                events += [
                    made(f"v{i}-{day}", at=day, anonymous_id=device, properties={"sku": f"s{day}"}),
                    order(f"o{i}-{day}", user, "1.00", f"{i}.50", at=day),
                    order(f"g{i}-{day}", user, "7.00", at=day, supersedes=f"o{i}-{day}"),
                    made(f"i{i}-{day}", at=day, user_id=user, anonymous_id=device),
                ]
        log.append_events(events)
        lake.flush(log, PLAN)
        if day == 6:
            lake.compact()
    people = [user for i, user in enumerate(USERS) if i != without]
    rows = pa.table({"profile": people, "segment": ["vip"] * len(people)})
    lake.write("changes", rows)
    lake.write("state", rows, mode="overwrite")
    lake.keep_presence()
    ledger.quarantine([refused(f"q{i}", i, i) for i in range(5) if i != without])
    ledger.quarantine([refused(f"n{i}", i, None) for i in range(5) if i != without])


def refused(row: str, i: int, person: int | None) -> Refused:
    sealed = PSEUDONYMISER.seal(f"2020-13-45;{RAW[i]};5.00".encode())
    who = None if person is None else USERS[person]
    return Refused(id=row, source="s", file="f", row=i, reason="no_instant", detail="$.at",
                   sealed=sealed, at=0, person=who)  # fmt: skip


def seen(lake: Lake) -> dict[str, list[object]]:
    """All that a reader can see, but for the offsets."""
    kinds = {ORDER: {"revenue": Decimal(2)}, LINE: {"price": Decimal(2)}, VIEW: {"sku": Text()}}
    rows = {name: scanned(lake, name, wanted) for name, wanted in kinds.items()}
    shown: dict[str, list[object]] = {}
    for name, table in rows.items():
        dicts = table.to_pylist()
        told = [{**row, "offset": 0, "retired": row["retired"] is not None} for row in dicts]
        shown[name] = sorted(told, key=lambda row: row["key"])
    shown["presence"] = lake.presence(lake.offset()).to_pylist()
    for name in ("changes", "state"):
        table = lake.read(name)
        assert table is not None
        shown[name] = table.to_pylist()
    return shown


def erased(log: Log, lake: Lake, ledger: Ledger, i: int, folder: Path) -> Report:
    return erase(
        log, lake, ledger, PLAN, [USERS[i]], at=99,
        raw=[RAW[i]], pseudonymiser=PSEUDONYMISER, folder=folder,
    )  # fmt: skip


def test_nothing_of_the_person_is_left_in_any_store(
    tmp_path: Path, log: Log, lake: Lake, ledger: Ledger
) -> None:
    """Neither they nor their device, where both were to be found before."""
    fill(log, lake, ledger)
    wanted = [USERS[2].encode(), DEVICES[2].encode()]
    before = {f.file.split("/")[1].split(".")[0] for f in scan(tmp_path, wanted)}
    assert before == {"log", "lake", "ledger"}
    report = erased(log, lake, ledger, 2, tmp_path)
    assert (report.left, report.proven) == ([], True)
    assert (report.n_people, report.n_events, report.n_rows) == (2, 48, 84)
    assert report.n_refused == 2
    assert scan(tmp_path, wanted) == []
    assert scan(tmp_path, [USERS[1].encode()]) != []


def test_every_answer_is_that_of_a_history_without_the_person(
    tmp_path: Path, log: Log, lake: Lake, ledger: Ledger
) -> None:
    """Rows, whose they are, what is superseded, changes and state."""
    fill(log, lake, ledger)
    erased(log, lake, ledger, 2, tmp_path)
    with Log(tmp_path / "never" / "log.db") as other, Ledger(tmp_path / "never" / "l.db") as theirs:
        never = Lake(tmp_path / "never" / "lake")
        fill(other, never, theirs, without=2)
        assert seen(lake) == seen(never)
        assert ledger.quarantined() == theirs.quarantined()
    lake.compact()
    with duckdb.connect() as con:
        assert lake.history(con, USERS[2], PLAN).num_rows == 0
        assert lake.history(con, USERS[1], PLAN).num_rows == 84


def test_the_fates_still_add_up_and_the_log_says_when(
    log: Log, lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    """The entry holds counts and the instant, and nobody."""
    fill(log, lake, ledger)
    report = erased(log, lake, ledger, 0, tmp_path)
    after = balance(log, ledger)
    assert after.holds
    assert after.erased == 50
    entry = log.read(0, 9, "erase")[0]
    counts = {"people": 2, "events": 48, "rows": 84, "refused": 2}
    assert (entry.offset, entry.at) == (report.offset, 99)
    assert msgspec.json.decode(entry.payload) == counts


def test_a_shared_device_stays_with_the_other_person(
    log: Log, lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    """What was anonymous on it belonged to the first; what the second did there is theirs."""
    log.append_events(
        [
            made("1", anonymous_id=DEVICES[0]),
            made("2", anonymous_id=DEVICES[0], user_id=USERS[0]),
            made("3", anonymous_id=DEVICES[0], user_id=USERS[1]),
        ]
    )
    report = erased(log, lake, ledger, 0, tmp_path)
    assert (report.n_events, report.left) == (2, [])
    assert scanned(lake, VIEW, {})["profile"].to_pylist() == [USERS[1]]


def test_erasing_again_and_erasing_nobody_change_nothing(
    log: Log, lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    """Only the entry that says so is added."""
    fill(log, lake, ledger)
    erased(log, lake, ledger, 3, tmp_path)
    before = seen(lake)
    report = erased(log, lake, ledger, 3, tmp_path)
    assert (report.n_events, report.n_rows, report.n_refused, report.left) == (0, 0, 0, [])
    assert seen(lake) == before
