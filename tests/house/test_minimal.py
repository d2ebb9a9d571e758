"""The core needs its own dependencies alone, and importing it loads none of the heavy ones."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
HEAVY = (
    "altair", "cryptography", "deltalake", "duckdb", "ibis", "numpy", "pandas", "pyarrow",
    "sqlalchemy", "vl_convert",
)  # fmt: skip
EXTRA = ("granian", "litestar", "numba", "pandas", "polars", "scipy", "sklearn")
"""What only an extra brings, and takes long to load."""

WITHOUT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in {names!r}:
            raise ModuleNotFoundError(f"{{name}} is no core dependency", name=name)

sys.meta_path.insert(0, Refuse())
"""

EVERY_MODULE = """
import importlib, pkgutil, coterie
EXTRAS = "coterie.discover.", "coterie.server.", "coterie.activate.webhooks."
for module in pkgutil.walk_packages(coterie.__path__, "coterie."):
    if module.name.startswith(EXTRAS):
        continue  # a room that only an extra opens
    importlib.import_module(module.name)
"""

WHAT_IS_LOADED = """
import sys, {module}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""


def locked(name: str) -> set[str]:
    """The distributions of a lock file."""
    return set(re.findall(r"^([\w.-]+)==", (REQUIREMENTS / name).read_text(), re.MULTILINE))


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def extras() -> set[str]:
    """The modules that only development and the extras bring."""
    core = locked("core.lock")
    return {
        module
        for module, owners in packages_distributions().items()
        if not core & {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners}
        and module != "coterie"
    }


def test_every_module_imports_with_the_core_alone(extras: set[str]) -> None:
    """What the extras bring is imported where it is used, never on the way in."""
    assert {"polars", "psycopg", "pytest", "scipy"} <= extras
    done = python(WITHOUT.format(names=extras) + EVERY_MODULE)
    assert done.returncode == 0, done.stderr


def test_refused_modules_are_refused(extras: set[str]) -> None:
    """The check above would notice: the same refusal stops an import of an extra."""
    done = python(WITHOUT.format(names=extras) + "import polars")
    assert "polars is no core dependency" in done.stderr


def loaded(module: str) -> set[str]:
    """The packages that a process has which imports a module."""
    done = python(WHAT_IS_LOADED.format(module=module))
    assert done.returncode == 0, done.stderr
    found = set(done.stdout.split())
    assert "coterie" in found
    return found


def test_importing_coterie_loads_no_engine() -> None:
    """`import coterie` is quick: engines and stores are loaded when they are first used."""
    assert not loaded("coterie") & set(HEAVY)


def test_command_loads_no_engine_before_it_is_told_what_to_do() -> None:
    """`coterie --help` is quick: each command loads what it needs."""
    assert not loaded("coterie.cli.main") & {*HEAVY, *EXTRA}


def test_process_that_moves_events_loads_the_stores_alone() -> None:
    """Beside each server there is one: it needs neither engine, nor charts, nor pandas."""
    found = loaded("coterie.project.streaming.mover")
    assert not found & {"altair", "ibis", "sqlalchemy", *EXTRA}


def test_importing_the_project_loads_no_table_library_and_no_chart() -> None:
    """`coterie.open` takes what it needs; pandas is loaded for whoever asks for its tables."""
    assert not loaded("coterie.project.project") & {"altair", *EXTRA}
