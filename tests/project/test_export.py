"""Exports: the audience alone, in the asked form, with the reason why it is not everybody."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.activate.export import export
from coterie.activate.ids import read_ids
from coterie.errors import CoterieError, UnreadableFile
from tests.project.shop import CONSENTS_MAPPING, Shop

ROWS = pa.table(
    {
        "profile": ["a", "b", "c"],
        "note": ["=1+1", "-2 apples", 'said "no", twice'],
        "net": pa.array([Decimal("-1.50"), Decimal("2.00"), None], pa.decimal128(19, 2)),
        "at": pa.array([0, 1_500_000, None], pa.timestamp("us", "UTC")),
        "list": [["x", "=y"], [], None],
    }
)


def written(rows: pa.Table, form: str) -> bytes:
    out = io.BytesIO()
    export(rows, out, form)
    return out.getvalue()


def read(form: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(ROWS, form).decode())))


@pytest.mark.parametrize("start", "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
def test_text_that_a_spreadsheet_would_run_is_disarmed(start: str) -> None:
    """OWASP's list: an apostrophe stands before, and nothing else changes."""
    rows = pa.table({"note": [f"{start}cmd|' /C calc'!A0", "plain", None]})
    found = list(csv.reader(io.StringIO(written(rows, "csv").decode(), newline="")))
    assert found[1:3] == [[f"'{start}cmd|' /C calc'!A0"], ["plain"]]


def test_numbers_are_left_alone() -> None:
    """A negative amount is a number and no formula, in either form."""
    assert [row["net"] for row in read("csv")] == ["-1.50", "2.00", ""]


def test_raw_csv_changes_no_text() -> None:
    """Programs get what there is."""
    assert [row["note"] for row in read("csv-raw")] == ROWS["note"].to_pylist()


def test_csv_writes_instants_and_lists_as_text() -> None:
    """ISO 8601 with `Z`, and JSON."""
    assert [row["at"] for row in read("csv")] == [
        "1970-01-01T00:00:00Z", "1970-01-01T00:00:01.500000Z", "",
    ]  # fmt: skip
    assert [row["list"] for row in read("csv")] == ['["x","=y"]', "[]", ""]


def test_json_lines_keep_types() -> None:
    """Amounts are exact numbers, unknown is null, lists are lists."""
    lines = written(ROWS, "jsonl").decode().splitlines()
    assert [json.loads(line, parse_float=Decimal)["net"] for line in lines] == [
        Decimal("-1.50"), Decimal("2.00"), None,
    ]  # fmt: skip
    assert json.loads(lines[0])["list"] == ["x", "=y"]


def test_parquet_keeps_everything() -> None:
    """It reads back to an equal table."""
    assert pq.read_table(io.BytesIO(written(ROWS, "parquet"))).equals(ROWS)


@pytest.mark.parametrize("form", ["csv", "csv-raw"])
def test_nobody_is_a_file_with_a_header(form: str) -> None:
    """An empty audience is an answer, and says its columns."""
    assert written(ROWS.slice(0, 0), form) == b'"profile","note","net","at","list"\n'


def test_unknown_format_is_refused() -> None:
    """With the nearest right one."""
    with pytest.raises(CoterieError) as refused:
        written(ROWS, "jsnl")
    assert "jsonl" in refused.value.hint


def test_export_is_the_audience(ran: Shop, tmp_path: Path) -> None:
    """Four hold, one consents: one row is written, and the sentence says why."""
    report = ran.project.export("bought", tmp_path / "a.csv", traits=["spend"])
    assert (report.holds, report.audience, report.written) == (4, 1, 1)
    assert report.message == "4 hold, 1 may be used for marketing: 3 have not agreed"
    assert (tmp_path / "a.csv").read_text() == f'"profile","spend"\n"{ran.person("ann")}",40.50\n'


def test_export_without_consents_says_so(shop: Shop, tmp_path: Path) -> None:
    """No consent was ever mapped, so nobody may be used, and a file without rows is written."""
    shop.project.run("2024-03-01")
    report = shop.project.export("bought", tmp_path / "a.csv")
    assert report.message == "4 hold, 0 may be used for marketing: no consent mapped"
    assert (tmp_path / "a.csv").read_text() == '"profile"\n'


def test_export_of_everybody_says_no_reason(ran: Shop, tmp_path: Path) -> None:
    """Nothing is missing, so nothing is explained."""
    report = ran.project.export("active", tmp_path / "a.jsonl", "jsonl")
    assert report.message == "3 hold, 3 may be used for analytics"


def test_objection_leaves_the_audience(ran: Shop, tmp_path: Path) -> None:
    """Under a legitimate interest everyone may be used until they say no."""
    rows = "customer,when,purpose,granted\ndee,2024-02-28T00:00:00Z,analytics,false\n"
    ran.imported(rows, CONSENTS_MAPPING, "objections")
    ran.project.run("2024-03-01")
    report = ran.project.export("active", tmp_path / "a.csv")
    assert report.message == "3 hold, 2 may be used for analytics: 1 have objected"


def test_export_with_own_ids_carries_them(ran: Shop, tmp_path: Path) -> None:
    """Only the people of the list, each row with the id that the caller knows."""
    report = ran.project.export("active", tmp_path / "a.csv", ids=["ann", "nobody", "dee"])
    found = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert {row["id"]: row["profile"] for row in found} == {
        "ann": ran.person("ann"), "dee": ran.person("dee"),
    }  # fmt: skip
    assert report.message.endswith("2 of them are in the list of ids")


def test_failed_export_leaves_no_file(ran: Shop, tmp_path: Path) -> None:
    """Nothing half is left behind, and what was there before stays."""
    (tmp_path / "a.csv").write_text("before")
    with pytest.raises(CoterieError):
        ran.project.export("active", tmp_path / "a.csv", "nothing")
    assert [path.name for path in tmp_path.glob("*a.csv*")] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "before"


def test_ids_are_read_from_a_column(tmp_path: Path) -> None:
    """Of a CSV or Parquet file; empty cells are nobody."""
    (tmp_path / "ids.csv").write_text("name,id\nx,17\ny,\nz,18\n")
    pq.write_table(pa.table({"id": [17, None, 18]}), tmp_path / "ids.parquet")
    for name in ("ids.csv", "ids.parquet"):
        assert read_ids(f"{tmp_path / name}:id") == ["17", "18"]


def test_wrong_list_of_ids_is_said(tmp_path: Path) -> None:
    """No column named, no such file, no such column with the nearest one."""
    (tmp_path / "ids.csv").write_text("customer\n1\n")
    with pytest.raises(CoterieError, match="needs a column"):
        read_ids(str(tmp_path / "ids.csv"))
    with pytest.raises(UnreadableFile):
        read_ids(f"{tmp_path / 'no.csv'}:id")
    with pytest.raises(UnreadableFile) as refused:
        read_ids(f"{tmp_path / 'ids.csv'}:custmer")
    assert "customer" in refused.value.hint
