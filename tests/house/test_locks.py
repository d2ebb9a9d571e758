"""The lock files are what pyproject.toml asks for, complete, and bound to no package index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("core.lock", "build.lock", "dev.lock")
LINE = re.compile(r"\s*#.*|[\w.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")

EXTRAS = [
    asked for extra in PROJECT["project"]["optional-dependencies"].values() for asked in extra
]
ASKED = {
    "core.lock": PROJECT["project"]["dependencies"],
    "build.lock": PROJECT["dependency-groups"]["build"],
    "dev.lock": [
        *PROJECT["project"]["dependencies"],
        *EXTRAS,
        *PROJECT["dependency-groups"]["build"],
        *PROJECT["dependency-groups"]["dev"],
    ],
}


def text(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text()


def pins(lock: str) -> set[tuple[str, str]]:
    """Each distribution and version of a lock file; one may have several, by Python version."""
    return set(re.findall(r"^([\w.-]+)==(\S+)", text(lock), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_is_asked_for(lock: str) -> None:
    """After an edit of pyproject.toml, `make lock` has been run."""
    for asked in map(Requirement, ASKED[lock]):
        name = re.sub(r"[-_.]+", "-", asked.name).lower()
        versions = [version for pinned, version in pins(lock) if pinned == name]
        assert versions, f"{name} is not locked: run `make lock`"
        assert all(asked.specifier.contains(version) for version in versions), asked


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_pins_and_hashes_alone(lock: str) -> None:
    """A lock names no index and no address: it works from any mirror, and trusts none."""
    assert [line for line in text(lock).splitlines() if not LINE.fullmatch(line)] == []


def test_development_uses_the_versions_that_users_get() -> None:
    """The tests run on the core's own pins."""
    assert pins("core.lock") <= pins("dev.lock")
    assert pins("build.lock") <= pins("dev.lock")


def test_core_is_locked_for_nothing_else() -> None:
    """No extra and no tool comes with the core."""
    core = {name for name, _ in pins("core.lock")}
    assert not core & {"hatchling", "polars", "psycopg", "pytest", "ruff", "scipy", "uv"}


def test_every_dependency_says_what_it_replaces() -> None:
    """ARCHITECTURE.md has a row for each dependency that a user's machine gets."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    rows = set(
        re.findall(r"`([^`]+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)))
    )
    asked = {Requirement(line).name for line in [*PROJECT["project"]["dependencies"], *EXTRAS]}
    tools = {Requirement(line).name for line in PROJECT["dependency-groups"]["dev"]}
    tools |= {Requirement(line).name for line in PROJECT["dependency-groups"]["build"]}
    assert asked | tools <= rows, f"no row for {sorted((asked | tools) - rows)}"
