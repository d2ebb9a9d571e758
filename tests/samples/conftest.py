from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project.folder import create

PLAN = """\
[events."Order Completed".properties]
amount = { type = "decimal", scale = 2 }
gift = { type = "boolean" }
due = { type = "instant" }
weight = { type = "real" }
email = { type = "text", pii = "contact" }
[events."Order Completed".explode]
lines = "Line"
[events.Line.properties]
sku = { type = "text", required = true }
quantity = { type = "integer" }
"""
DEFINITIONS = """\
from coterie import cluster, days, event, population_mean, quantile_rank, segment, stages, trait

order, line = event("Order Completed"), event("Line")
orders = trait(order.count())
spend = trait(order.sum("amount"))
share = trait(order.mean("amount") / 3)
gift = trait(order.last("gift"))
due = trait(order.last("due"))
weight = trait(order.sum("weight"))
skus = trait(line.values("sku", limit=3))
pieces = trait(line.sum("quantity"))
rank = trait(quantile_rank(spend, 3))
usual = trait(population_mean(spend))
kind = trait(cluster("kinds", [spend]))
two = trait(population_mean(spend) + population_mean(orders))
typed = trait(order.where(order["email"] == "ann@example.org").count())
active = segment(order.any(within=days(30)))
mood = stages({"new": orders == 1, "regular": orders > 1}, otherwise="none")
"""


Write = Callable[[str], Project]


@pytest.fixture
def samples(tmp_path: Path) -> Write:
    """A project with these sample profiles, and neither key nor data."""

    def write(text: str, zone: str = "UTC") -> Project:
        folder = tmp_path / "shop"
        create(folder, zone=zone)
        (folder / "data/keys/project.key").unlink()
        (folder / "definitions.py").write_text(DEFINITIONS)
        (folder / "tracking_plan" / "shop.toml").write_text(PLAN)
        (folder / "tests").mkdir()
        (folder / "tests" / "profiles.yaml").write_text(text)
        return Project(folder)

    return write  # type: ignore[return-value]
