"""The tracking plan is edited while a server runs."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

from coterie.project import Project
from tests.server.served import until
from tests.server.whole import Whole, order


def status(folder: Path) -> dict[str, Any]:
    """What the server gave its fate by itself."""
    with Project(folder) as project:
        return dict(json.loads(project.status().as_json()))


def test_an_edit_of_the_plan_counts_for_what_comes_next(tmp_path: Path) -> None:
    """What was only observed is quarantined a moment later; everything has its fate."""
    shop = Whole(tmp_path)
    file = shop.folder / "tracking_plan" / "shop.toml"
    strict = file.read_text().replace("scale = 2", "scale = 2, max = 5")
    file.write_text(strict.replace("max = 5", 'max = 5, mode = "observe"'))
    server, numbers = shop.serve().ready(), count()
    try:
        shop.send(server, order(next(numbers), "ann", 9))
        until(lambda: status(shop.folder)["stored"] == 1)
        file.write_text(strict)

        def refused() -> bool:
            shop.send(server, order(next(numbers), "ann", 9))
            return bool(status(shop.folder)["quarantined"])

        until(refused)
    finally:
        assert shop.stop() == [0]
    found = status(shop.folder)
    assert found["received"] == next(numbers) == found["stored"] + found["quarantined"]
    assert found["reasons"] == {"out_of_range": found["quarantined"]}
