"""What commands say: numbers with their nouns, and tables that stay readable."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_commands import coterie, of
from tests.project.shop import DEFINITIONS, Shop

BAD = "order_id,customer,date,product,qty,price,optin\n"
LINES = (
    "1,ann,2023-05-01,pen,1,1.50,yes\n1,ann,2023-05-01,ink,2,75.50,yes\n2,bob,never,ink,1,2,no\n"
)


def test_import_names_every_event_that_it_counts(tmp_path: Path) -> None:
    """The names add up to the events received; a row known to the quarantine is called that."""
    folder, path = tmp_path / "p", tmp_path / "orders.csv"
    path.write_text(BAD + LINES)
    coterie("init", folder)
    first = coterie("-p", folder, "import", path, "--yes").output
    assert "Consent Updated" in first
    assert "152.5" in first
    assert "77 " in first
    assert "items                     2" in first
    again = coterie("-p", folder, "import", path, "--yes").output
    assert "(of them 1 row in quarantine already)" in again
    out = tmp_path / "q.csv"
    assert "1 row in " in coterie("-p", folder, "quarantine", "export", out).output
    assert "1 row tried again" in coterie("-p", folder, "quarantine", "fix", out).output


def test_a_long_file_name_leaves_the_quarantine_readable(tmp_path: Path) -> None:
    """The reason stands whole beside it."""
    folder, path = tmp_path / "p", tmp_path / f"{'orders_of_a_long_year_' * 4}.csv"
    path.write_text(BAD + LINES)
    coterie("init", folder)
    coterie("-p", folder, "import", path, "--yes")
    assert "bad_instant" in coterie("-p", folder, "quarantine", "list").output


def test_a_word_of_the_language_that_is_not_imported_says_how(shop: Shop) -> None:
    """`trait` is no print."""
    shop.define(DEFINITIONS + "late = weeks\n")
    done = of(shop, "definitions")
    assert done.exit_code == 1
    assert "from coterie import weeks" in done.output
    assert "an error in the definitions" in done.output
