"""Bad input: one clear error before anything is stored, or rows in quarantine with a reason."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from coterie.collect.infer import infer
from coterie.collect.mapping import replaced
from coterie.errors import CoterieError, MappingError, UnreadableFile
from coterie.language.time import DAY, iso
from tests.collect.shop import HEADER, LINE, NOW, Shop, orders

GOOD = HEADER + LINE


def rows(shop: Shop) -> list[tuple[int, str]]:
    """The row number and the reason of everything in quarantine."""
    return [(row.row, row.reason) for row in shop.quarantine.list()]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "PNG"),
        (b"PK\x03\x04" + bytes(99), "spreadsheet"),
        (bytes(range(256)) * 99, "binary"),
        (b"1,2,3\n4,5,6\n", "no header"),
        (gzip.compress(GOOD.encode() * 1000, mtime=0)[:-40], "to its end"),
        (b"PAR1" + bytes(99), "Parquet"),
    ],
    ids=["nothing", "blank", "image", "archive", "bytes", "headless", "torn", "parquet"],
)
def test_a_wrong_file_is_one_clear_error(shop: Shop, content: bytes, said: str) -> None:
    """Nothing of it is stored."""
    with pytest.raises(UnreadableFile) as caught:
        shop.text(content, orders())
    assert said in str(caught.value)
    assert not shop.events()


def test_a_folder_or_a_missing_file_is_one_clear_error(shop: Shop) -> None:
    """So is a path that holds no file."""
    for path in (shop.folder, shop.folder / "nowhere.csv"):
        with pytest.raises(UnreadableFile):
            shop.run(path, mapping=orders())


def test_a_header_alone_has_no_rows(shop: Shop) -> None:
    """Inference says so; with a mapping nothing is imported and nothing is wrong."""
    with pytest.raises(UnreadableFile):
        infer(shop.file(HEADER))
    assert shop.text(HEADER, orders()).n_read == 0


def test_a_missing_column_names_the_nearest(shop: Shop) -> None:
    """The place in the mapping and the likeliest column."""
    with pytest.raises(MappingError) as caught:
        shop.text(GOOD.replace("quantity", "quantities"), orders())
    assert "order.fields.quantity" in str(caught.value)
    assert "did you mean 'quantities'?" in str(caught.value)


def test_two_columns_of_one_name_are_refused(shop: Shop) -> None:
    """Nobody could say which one is meant."""
    with pytest.raises(MappingError, match="one name"):
        shop.text(GOOD.replace("country", "price"), orders())


def test_mixed_encodings_keep_what_can_be_read(shop: Shop) -> None:
    """A line that is not UTF-8 among lines that are goes to quarantine."""
    mixed = (GOOD + LINE.replace("pen", "café")).encode()
    mixed += LINE.replace("pen", "crème").encode("cp1252")
    summary = shop.text(mixed, orders())
    assert (summary.n_accepted, summary.reasons) == (2, {"encoding": 1})
    assert rows(shop) == [(4, "encoding")]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-16-be"])
def test_one_other_encoding_is_found_out(shop: Shop, encoding: str) -> None:
    """Windows, UTF-16 with a mark and without."""
    text = (GOOD + LINE.replace("pen", "café")).encode(encoding)
    shop.text(text, replaced(orders(), file=infer(shop.file(text)).file))
    names = {line["product_id"] for e in shop.facts() for line in e.properties["products"]}
    assert names == {"pen", "café"}


def test_broken_quoting_costs_one_row(shop: Shop) -> None:
    """Neither an open quote nor a stray one takes the rows after it along."""
    text = GOOD + LINE.replace("pen", '"pen') + LINE.replace("pen", '"p"en') + LINE
    text += LINE.replace("pen", '"pen, ""red""\nand blue"')
    summary = shop.text(text, orders())
    assert summary.reasons == {"broken_quoting": 2}
    assert rows(shop) == [(3, "broken_quoting"), (4, "broken_quoting")]
    products = shop.facts()[0].properties["products"]
    assert {line["product_id"] for line in products} == {"pen", 'pen, "red"\nand blue'}


def test_a_line_of_100_mb_costs_one_row(shop: Shop) -> None:
    """It is skipped without being held whole, and its beginning is kept."""
    path = shop.file(GOOD)
    with path.open("ab") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b"\n" + LINE.encode())
    summary = shop.run(path, mapping=orders())
    assert (summary.n_accepted, summary.reasons) == (2, {"too_long": 1})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("1.50", "NaN", "not_a_number"),
        ("1.50", "inf", "not_a_number"),
        ("1.50", "cheap", "wrong_type"),
        ("1.50", "1.505", "too_precise"),
        ("1.50", "99999999999", "too_large"),
        ("1.50", "1e300", "too_large"),
        ("2,1.50", "999999999,999.99", "too_large"),
        ("1.50", "", "missing"),
        ("2,", "2.5,", "wrong_type"),
        ("2023-05-01", "2023-13-45", "bad_instant"),
        ("2023-05-01", "", "missing"),
        ("2023-05-01", iso(NOW + DAY + 1), "future"),
        ("1,ann", ",ann", "missing"),
        ("pen", "p\0n", "nul"),
        (",UK", "", "columns"),
        (",UK", ",UK,more", "columns"),
    ],
)
def test_a_row_that_cannot_be_a_fact_is_kept_with_its_reason(
    shop: Shop, old: str, new: str, reason: str
) -> None:
    """Its neighbour is imported, and importing the file again quarantines nothing new."""
    text = HEADER + LINE.replace("1,", "2,", 1) + LINE.replace(old, new, 1)
    summary = shop.text(text, orders())
    assert (summary.reasons, summary.events.stored) == ({reason: 1}, 1)
    assert rows(shop) == [(3, reason)]
    again = shop.text(text, orders())
    assert (again.events.stored, again.events.quarantined, again.n_requarantined) == (0, 0, 1)


def test_an_instant_of_tomorrow_is_no_fault(shop: Shop) -> None:
    """24 hours ahead is still accepted."""
    assert shop.text(GOOD.replace("2023-05-01", iso(NOW + DAY)), orders()).events.stored == 1


def test_an_order_whose_sum_is_too_large_is_quarantined_whole(shop: Shop) -> None:
    """Each line fits, and their sum does not."""
    lines = [LINE.replace("2,1.50", f"1,{10_000_000_000 - i}.00") for i in range(2)]
    summary = shop.text(HEADER + "".join(lines) + "2" + LINE[1:], orders())
    assert (summary.n_accepted, summary.reasons) == (1, {"too_large": 2})
    assert summary.sums["revenue"] == 3


def test_no_fitting_row_at_all_is_an_error_and_not_a_full_quarantine(shop: Shop) -> None:
    """The mapping is wrong then, not the rows."""
    with pytest.raises(MappingError, match="nothing was imported"):
        shop.text(GOOD.replace("2023-05-01", "May"), orders())
    assert not shop.quarantine.list()


def test_an_error_echoes_no_value(shop: Shop) -> None:
    """Neither do the quarantine's reasons."""
    with pytest.raises(CoterieError) as caught:
        shop.text(GOOD.replace("2023-05-01", "jane@example.com"), orders())
    assert "jane" not in str(caught.value)
    shop.text(GOOD + LINE.replace("1.50", "jane@example.com"), orders())
    assert "jane" not in str([(row.detail, row.sealed) for row in shop.quarantine.list()])


SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from coterie.errors import StoreError
from tests.collect.shop import Shop, orders
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
shop = Shop(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    shop.importer.run([Path(sys.argv[2])], orders(), now=1_704_067_200_000_000)
except StoreError as error:
    print("refused:", error.what)
"""


def test_a_full_disk_is_a_clear_error_and_the_store_stays_readable(shop: Shop) -> None:
    """Files that cannot grow: what was stored is whole, and a retry with room adds the rest."""
    shop.text(GOOD, orders())
    lines = "".join(f"{i}{LINE[1:]}" for i in range(2, 5000))
    path = shop.file(HEADER + lines, "more.csv")
    done = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, str(shop.folder), str(path)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.startswith("refused:"), done.stderr
    assert len(shop.events()) == 1
    assert shop.run(path, mapping=orders()).events.stored == 4998


LARGE = r"""
import re, resource, sys
from pathlib import Path
from tests.collect.shop import Shop, orders
shop = Shop(Path(sys.argv[1]))
summary = shop.importer.run([Path(sys.argv[2])], orders(), now=1_704_067_200_000_000)
status = Path("/proc/self/status")  # Linux counts what this process was forked from in ru_maxrss
peak = int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) if status.exists() else (
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
)
print(summary.n_accepted, peak)
"""


def test_memory_is_bounded_for_a_file_of_60_mb(shop: Shop) -> None:
    """Less than a gigabyte at the highest; a file of 2 GB was measured at the same."""
    path = shop.folder / "large.csv"
    rest = "a product with a long name, as they are" * 25
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for i in range(60_000):
            file.write(f'{i % 16_000},p{i % 999},2023-05-01,"{rest}{i}",2,1.50,UK\n')
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(shop.folder), str(path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    accepted, peak = map(int, done.stdout.split())
    assert accepted == 60_000
    assert peak < 1_000_000


def test_a_header_that_may_be_data_is_not_repeated(shop: Shop) -> None:
    """A file without a header has values where names should be: an error counts them."""
    with pytest.raises(MappingError) as caught:
        shop.text("ann@home.example,ann@home.example,1\nbob@home.example,b,2\n", orders())
    assert "columns 1, 2" in str(caught.value)
    assert "ann" not in str(caught.value)


def test_lines_that_end_in_a_carriage_return_alone_are_named(shop: Shop) -> None:
    """Such a file would else be one long header."""
    with pytest.raises(UnreadableFile) as caught:
        shop.text(GOOD.replace("\n", "\r"), orders())
    assert "carriage return" in str(caught.value)
    assert "ann" not in str(caught.value)


def test_an_address_in_the_name_of_a_file_is_no_longer_one_when_stored(shop: Shop) -> None:
    """Neither with the import nor with a row in quarantine; and replaying finds the row."""
    path = shop.file(HEADER + "1,ann,never,pen,2,1.50,UK\n" + LINE, "ann@home.example.csv")
    shop.run(path, mapping=orders())
    (row,) = shop.quarantine.list()
    assert "ann" not in row.file
    assert "ann" not in shop.ledger.imports()[0].file
    assert shop.quarantine.replay(shop.importer, now=NOW).n_refused == 1
