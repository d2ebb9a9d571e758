"""Each example is imported once, whatever number of tests look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.projects import Example
from tests.support import retail


@pytest.fixture(scope="session")
def online_retail(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """`examples/online_retail` over the UCI file, as of 2011-12-10."""
    made = retail.ran(shared_data, tmp_path_factory)
    return Example.copied(made, tmp_path_factory.mktemp("retail") / "shop").answered()


@pytest.fixture(scope="session")
def adventureworks(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """`examples/adventureworks` over its tables, as of 2019-07-01."""
    made = retail.adventureworks(shared_data, tmp_path_factory)
    example = Example.copied(made, tmp_path_factory.mktemp("adventureworks") / "shop")
    return example.run(until="2019-07-01")
