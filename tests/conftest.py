"""What every test may ask for: the real data, a PostgreSQL server, Hypothesis profiles."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.support import kernels, nursery, retail
from tests.support.postgres import bin_folder, running_server

ROOT = Path(__file__).parents[1]
SOAK = int(os.environ.get("COTERIE_SOAK") or 0)
STREAMING = {
    "activate", "cli", "conformance", "docs", "live", "schedules", "server", "stream",
    "workbench",
}  # fmt: skip
"""Folders whose tests run a stream, here or in processes that they start."""

DEAREST = ["examples", "workbench", "torture", "server", "docs", "live", "history", "cli"]
"""Folders whose tests are begun first: each takes the longest, or has the longest groups."""

REQUIRE_SERVICES = os.environ.get("COTERIE_REQUIRE_SERVICES", "") not in ("", "0")

# The suite has a worker a core already: numeric libraries' threads would wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Every run of the default profile tries the same examples, but for constants that Hypothesis finds
# in whatever modules a worker has loaded by then; a soak tries new ones each time.
settings.register_profile(
    "default", derandomize=True, deadline=None, database=None, max_examples=60, print_blob=True
)
settings.register_profile(
    "soak",
    deadline=None,
    max_examples=SOAK or 1,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("soak" if SOAK else "default")


def pytest_report_header() -> list[str]:
    """Say at the top which services this machine has, and so what will be skipped."""
    services = {"PostgreSQL": bin_folder(), "real data": _data_folder()}
    otherwise = "required, so its tests FAIL" if REQUIRE_SERVICES else "its tests are skipped"
    return [f"{name}: {found or f'not found; {otherwise}'}" for name, found in services.items()]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Have no collection of garbage look again through all that was there before the first test."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """End the process that servers were copies of."""
    gc.unfreeze()
    nursery.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the services their fixtures need; leave soaks out of a default run."""
    for item in items:
        fixtures = getattr(item, "fixturenames", [])
        if item.path.relative_to(ROOT / "tests").parts[0] in STREAMING:
            fixtures.insert(0, "compiled")
        if "postgres" in fixtures:
            item.add_marker(pytest.mark.postgres)
        if "shared_data" in fixtures:
            item.add_marker(pytest.mark.data)
        if item.get_closest_marker("soak") and not SOAK:
            item.add_marker(pytest.mark.skip(reason="a soak test: run `make soak`"))
        if not SOAK and _shares(item):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(ROOT / "tests"))))
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    """The dearest folders first: whatever is left at the end is short, and no worker waits long."""
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return DEAREST.index(folder) if folder in DEAREST else len(DEAREST)


def _shares(item: pytest.Item) -> bool:
    """Whether a test shares something with others of its file, which each worker would make anew.

    Tests that name a group of their own say themselves whom they stay with.
    """
    if item.get_closest_marker("xdist_group"):
        return False
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return any(each.scope == "module" for several in known.values() for each in several)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets, read only."""
    folder = _data_folder()
    if folder is None:
        missing("no real data: set COTERIE_SHARED_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have the stream's kernels compiled once: they take 20 seconds of a processor."""
    kernels.compiled(tmp_path_factory)


@pytest.fixture(scope="session")
def followed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader of the tutorial on the real invoices stands at its end; to be copied."""
    return retail.followed(shared_data, tmp_path_factory)


@pytest.fixture(scope="session")
def postgres() -> Iterator[dict[str, str | int]]:
    """The arguments of `ibis.postgres.connect` for a real server of this worker's own."""
    programs = bin_folder()
    if programs is None:
        missing("no PostgreSQL: `sudo apt-get install postgresql`")
    with running_server(programs) as arguments:
        yield arguments


def _data_folder() -> Path | None:
    folder = Path(os.environ.get("COTERIE_SHARED_DATA") or ROOT / "../shared/data").resolve()
    return folder if folder.is_dir() else None


def missing(reason: str) -> NoReturn:
    """Skip on a bare machine; fail where the services were promised."""
    if REQUIRE_SERVICES:
        pytest.fail(f"{reason} (COTERIE_REQUIRE_SERVICES is set)", pytrace=False)
    pytest.skip(reason)
