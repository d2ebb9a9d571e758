"""A scan finds what is there, in every format, or says that it cannot."""

from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.errors import StoreError
from coterie.privacy import scan as scanning
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.privacy.scan import Finding, scan
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.log import Log
from tests.storage.shop import ORDER, PLAN, made

JANE = b"jane@shop.example"


@pytest.mark.parametrize("compression", ["zstd", "snappy", "none"])
def test_every_parquet_column_is_decoded(tmp_path: Path, compression: str) -> None:
    """Text, bytes, nested and dictionary columns, and numbers of seven digits and more."""
    text = JANE.decode()
    table = pa.table(
        {
            "clean": ["x"],
            "text": [f"<{text}>"],
            "blob": [JANE],
            "nested": [[{"a": [text]}]],
            "map": pa.array([[("k", text)]], pa.map_(pa.string(), pa.string())),
            "coded": pa.array([text]).dictionary_encode(),
            "phone": [2079460000],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet", compression=compression)
    found = scan(tmp_path, [JANE, b"2079460000", b"absent"])
    places = {(f.place, f.wanted) for f in found} - {("bytes", 0)}
    named = {(name, 0) for name in ("text", "blob", "nested", "map", "coded")}
    assert places == named | {("phone", 1)}


def test_deleted_sqlite_rows_are_found_in_their_pages(tmp_path: Path) -> None:
    """Without secure deletion the bytes stay, and the scan sees them."""
    db = sqlite3.connect(tmp_path / "s.db")
    db.execute("PRAGMA secure_delete = OFF")
    db.execute("CREATE TABLE t (x)")
    db.execute("INSERT INTO t VALUES (?)", [JANE.decode()])
    db.commit()
    assert {f.place for f in scan(tmp_path, [JANE])} == {"bytes", "t"}
    db.execute("DELETE FROM t")
    db.commit()
    assert scan(tmp_path, [JANE]) == [Finding("s.db", "bytes", 0)]
    db.close()


def test_escapes_in_json_are_undone(tmp_path: Path) -> None:
    """An at sign may be written as its code."""
    (tmp_path / "a.json").write_text('{"m": "jane\\u0040shop.example"}')
    assert scan(tmp_path, [JANE]) == [Finding("a.json", "text", 0)]


def test_a_file_that_cannot_be_decoded_is_no_proof(tmp_path: Path) -> None:
    """It is an error, not an empty answer."""
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(StoreError, match="cannot be decoded"):
        scan(tmp_path, [JANE])


@pytest.mark.parametrize("part", ["_parquet", "_sqlite", "_unescaped"])
def test_a_scan_that_cannot_find_its_control_raises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """A broken reader never looks like a clean store."""
    monkeypatch.setattr(scanning, part, lambda *args: args[0] if part == "_unescaped" else iter(()))
    with pytest.raises(StoreError, match="planted"):
        scan(tmp_path, [JANE])


def test_a_compressed_store_is_not_believed_by_its_bytes(tmp_path: Path) -> None:
    """What plain bytes hide, decoding shows: the reason for the control."""
    pq.write_table(pa.table({"x": [JANE.decode()] * 999}), tmp_path / "t.parquet",
                   compression="zstd", write_statistics=False)  # fmt: skip
    assert {f.place for f in scan(tmp_path, [JANE])} >= {"x"}
    assert JANE not in gzip.compress(JANE * 2)


def test_two_hundred_planted_addresses_are_in_no_store(
    tmp_path: Path, log: Log, lake: Lake, ledger: Ledger
) -> None:
    """Wherever an event or a refused row may carry one; a control shows that it would be seen."""
    people = [f"person{i:03}@mail-{i % 7}.example" for i in range(200)]
    pseudonymiser = Pseudonymiser.load(tmp_path / "data" / "keys" / "project.key", create=True)
    for i, mail in enumerate(people):
        event = made(
            f"m{i}" if i % 2 else mail,
            (ORDER, "Unplanned")[i % 2],
            user_id=mail if i % 3 else None,
            anonymous_id=mail,
            properties={"currency": mail, "free": {"text": [f"write to {mail}!"]}, mail: "x",
                        "products": [{"sku": mail, "deep": {"x": mail}}]},
            context={"page": {"url": f"https://x.example/?u={mail.replace('@', '%40')}"}},
        )  # fmt: skip
        log.append_events([pseudonymiser.event(event, PLAN)])
        sealed = pseudonymiser.seal(mail.encode())
        ledger.quarantine([Refused(id=str(i), source="s", file="f", row=i, reason="future",
                                   detail="$.at", sealed=sealed, at=0)])  # fmt: skip
    log.append_events([made("control", properties={"sku": "control-value-1"})])
    lake.flush(log, PLAN)
    lake.compact()
    mailboxes = [mail.split("@")[0] for mail in people]
    wanted = [text.encode() for text in (*people, *mailboxes)]
    assert scan(tmp_path, wanted) == []
    found = {f.file.split("/")[1] for f in scan(tmp_path, [b"control-value-1"])}
    assert {"log.db", "lake"} <= found
