"""The first import and the first run: what is made by itself, and what is said instead."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from coterie.errors import ClockError, DefinitionErrors, ProjectError, StoreError
from coterie.project import folder as folders
from tests.project.shop import CONSENTS, CONSENTS_MAPPING, Shop

TRAITS = "customer_id,city\nann,Rome\nbob,Oslo\n"
CITY = """\
from coterie import event, trait

city = trait(event("identify").last("city"))
"""


def test_fresh_checkout_gets_its_key_at_the_first_import(tmp_path: Path) -> None:
    """Git keeps no data folder, so a cloned project has no key and has met nobody."""
    shop = Shop(tmp_path)
    shutil.rmtree(shop.folder / folders.DATA)
    shop.imported()
    key = shop.folder / folders.KEY
    assert key.stat().st_mode & 0o777 == 0o600
    assert shop.project.run("2024-03-01").people == 4


def test_key_that_was_lost_is_never_made_anew(shop: Shop) -> None:
    """A new key would give everybody a second pseudonym."""
    shop.project.close()
    (shop.folder / folders.KEY).unlink()
    shop.project = shop.open()
    with pytest.raises(ProjectError, match="key is missing"):
        shop.imported(CONSENTS, CONSENTS_MAPPING, "consents")
    assert not (shop.folder / folders.KEY).exists()


def test_nothing_imported_is_one_error(tmp_path: Path) -> None:
    """Not one for each definition that reads an event."""
    shop = Shop(tmp_path)
    with pytest.raises(ProjectError, match="plan is empty") as refused:
        shop.project.run("2024-03-01")
    assert not isinstance(refused.value, DefinitionErrors)
    assert "coterie import" in refused.value.hint


def test_rows_of_a_killed_import_go_with_the_next_change(shop: Shop) -> None:
    """They hold personal values as they came."""
    left = shop.folder / folders.DATA / "scratch" / "import-killed"
    left.mkdir(parents=True)
    (left / "spill").write_text("ann")
    shop.project.run("2024-03-01")
    assert not left.exists()


def test_declared_traits_are_not_old_events(tmp_path: Path) -> None:
    """They hold at all times, so they make no clock stale, and give none to run to."""
    shop = Shop(tmp_path, CITY)
    path = tmp_path / "people.csv"
    path.write_text(TRAITS)
    shop.project.import_([path])
    with pytest.raises(ProjectError, match="no event with an instant"):
        shop.project.run("last")
    assert shop.project.run().notes == []


def test_clock_is_refused_in_the_projects_zone(tmp_path: Path) -> None:
    """As every other instant is shown there."""
    shop = Shop(tmp_path, zone="Europe/Vienna").imported()
    shop.project.run("2024-03-01")
    with pytest.raises(ClockError) as refused:
        shop.project.run("2024-02-01")
    assert refused.value.got == "2024-02-01 00:00:00 +01:00"
    assert refused.value.expected.startswith("2024-03-01 00:00:00 +01:00")


def test_export_that_cannot_be_written_is_one_error(ran: Shop, tmp_path: Path) -> None:
    """It names the file and what the system said."""
    with pytest.raises(StoreError) as refused:
        ran.project.export("active", tmp_path / "nowhere" / "a.csv")
    assert "nowhere" in refused.value.where
    assert "No such file" in refused.value.got


def test_another_projects_key_is_refused(shop: Shop, tmp_path: Path) -> None:
    """With it an import would store everybody once more, and nobody would be found."""
    other = Shop(tmp_path / "other")
    shop.project.close()
    key = shop.folder / folders.KEY
    key.write_bytes((other.folder / folders.KEY).read_bytes())
    shop.project = shop.open()
    with pytest.raises(ProjectError, match="another project"):
        shop.imported(CONSENTS, CONSENTS_MAPPING, "consents")
    with pytest.raises(ProjectError, match="another project"):
        shop.project.people.known("ann")
