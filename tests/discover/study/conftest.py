"""A shop with three kinds of people, and a study of it made by the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import coterie as typed
from tests.discover.adopting.shop import DEFINITIONS, TRAITS, events
from tests.live.shop import Live, day

STUDY = ("discover", "--traits", ",".join(TRAITS), "--k", "2-3", "--algorithms", "kmeans")


@pytest.fixture(scope="session")
def studied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Live, str]:
    """The shop, and what `coterie discover` printed; nobody may change it."""
    here = tmp_path_factory.mktemp("studied")
    shop = Live(here, DEFINITIONS).send(events())
    shop.project.run(day(61))
    shop.project.close()
    report = here / "study.html"
    done = typed("-p", shop.folder, *STUDY, "--floor", "10", "--out", report)
    assert done.exit_code == 0, done.output
    assert report.stat().st_size > 100_000
    return shop, done.output


@pytest.fixture
def shop(studied: tuple[Live, str], tmp_path: Path) -> Iterator[Live]:
    """One copy of that shop."""
    made = Live.copied(studied[0], tmp_path)
    yield made
    made.project.close()
