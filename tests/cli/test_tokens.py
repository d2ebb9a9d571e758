"""Tokens are shown once, can be for one purpose, and can be revoked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coterie.errors import NoPurpose, ProjectError
from coterie.project import Project
from coterie.storage.credentials import hashed
from tests.cli.test_commands import coterie


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    coterie("init", tmp_path / "p")
    return tmp_path / "p"


def test_token_is_shown_once_and_only_its_hash_is_kept(folder: Path) -> None:
    """No file of the project holds it; what is listed is the beginning of the hash."""
    done = coterie("-p", folder, "tokens", "add", "crm", "--purpose", "marketing", "--json")
    said = json.loads(done.output)
    assert said["token"].startswith("cot_")
    assert (said["name"], said["purpose"]) == ("crm", "marketing")
    assert hashed(said["token"]).hex().startswith(said["id"])
    held = b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file())
    assert said["token"].encode() not in held
    assert hashed(said["token"]) in held
    listed = coterie("-p", folder, "tokens", "list").output
    assert said["id"] in listed
    assert said["token"] not in listed


def test_holder_changes_from_one_token_to_the_next(folder: Path) -> None:
    """Both work until one is revoked by its id; without an id all are."""
    first, second = (
        json.loads(coterie("-p", folder, "tokens", "add", "crm", "--json").output) for _ in range(2)
    )
    done = coterie("-p", folder, "tokens", "revoke", "crm", "--token", first["id"]).output
    assert done == "1 token of crm revoked\n"
    with Project(folder) as project:
        assert [*project.tokens.working()] == [hashed(second["token"])]
        assert len(project.tokens.list()) == 2
        assert project.tokens.revoke("crm") == 1
        assert not project.tokens.working()
        with pytest.raises(ProjectError, match="no token to revoke"):
            project.tokens.revoke("crm")


def test_purpose_is_one_of_the_projects(folder: Path) -> None:
    """An unknown one would show nobody, or be meant otherwise."""
    done = coterie("-p", folder, "tokens", "add", "crm", "--purpose", "marketting")
    assert done.exit_code == 1
    assert "did you mean 'marketing'?" in done.output
    with Project(folder) as project, pytest.raises(NoPurpose):
        project.tokens.add("crm", "x")


@pytest.mark.parametrize("name", ["", "a b", "-x", "é", "a" * 64])
def test_token_has_a_plain_name(folder: Path, name: str) -> None:
    """It stands in lists and commands."""
    done = coterie("-p", folder, "tokens", "add", "--", name)
    assert done.exit_code == 1
    assert "a token cannot be called that" in done.output


def test_nobody_has_a_token_yet_is_said(folder: Path) -> None:
    """An empty list says what to type."""
    assert "coterie tokens add" in coterie("-p", folder, "tokens", "list").output
