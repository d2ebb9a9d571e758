"""Two real shops, imported once in a test run: the wholesaler's invoices by each of two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.projects import Example
from tests.support.once import once
from tests.support.pages import follow

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial-online-retail.md"


def file(shared_data: Path) -> Path:
    """The invoice lines, packed."""
    return shared_data / "uci_online_retail" / "online_retail.csv.gz"


def followed(shared_data: Path, temporary: pytest.TempPathFactory) -> Path:
    """Where a reader of the tutorial stands at its end: its file, and its project ``retail``.

    Everything in it was typed as the page says: imported by inference, and run to 2011-12-10.
    """
    return once(temporary, "tutorial", lambda here: follow(TUTORIAL, file(shared_data), here))


def imported(shared_data: Path, temporary: pytest.TempPathFactory) -> Path:
    """`examples/online_retail` with its data imported by its own mapping, and not run yet."""

    def make(here: Path) -> None:
        example = Example("online_retail", here / "shop")
        example.imported("orders.toml", file(shared_data))
        example.project.close()

    return once(temporary, "online_retail", make) / "shop"


def ran(shared_data: Path, temporary: pytest.TempPathFactory) -> Path:
    """The same, run to 2011-12-10."""

    def make(here: Path) -> None:
        example = Example.copied(imported(shared_data, temporary), here / "shop")
        example.project.run("2011-12-10")
        example.project.close()

    return once(temporary, "online_retail_ran", make) / "shop"


def adventureworks(shared_data: Path, temporary: pytest.TempPathFactory) -> Path:
    """`examples/adventureworks` with its customers and orders imported, and not run yet."""
    folder = shared_data / "adventureworks"

    def make(here: Path) -> None:
        example = Example("adventureworks", here / "shop")
        example.imported("customers.toml", folder / "AdventureWorks_Customers.csv.gz")
        example.imported("orders.toml", *sorted(folder.glob("AdventureWorks_Sales_*.csv.gz")))
        example.project.close()

    return once(temporary, "adventureworks", make) / "shop"
