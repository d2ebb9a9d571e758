"""Write keys are shown once and can be revoked; a server says what it cannot do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.storage.credentials import hashed
from tests.cli.test_commands import coterie


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    coterie("init", tmp_path / "p")
    return tmp_path / "p"


def test_key_is_shown_once_and_only_its_hash_is_kept(folder: Path) -> None:
    """No file of the project holds it; what is listed is the beginning of the hash."""
    said = json.loads(coterie("-p", folder, "sources", "add", "web", "--json").output)
    assert len(said["key"]) == 32
    assert hashed(said["key"]).hex().startswith(said["id"])
    held = b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file())
    assert said["key"].encode() not in held
    assert hashed(said["key"]) in held
    listed = coterie("-p", folder, "sources", "list").output
    assert said["id"] in listed
    assert said["key"] not in listed


def test_source_changes_from_one_key_to_the_next(folder: Path) -> None:
    """Both work until one is revoked by its id; without an id all are."""
    first, second = (
        json.loads(coterie("-p", folder, "sources", "add", "web", "--json").output)
        for _ in range(2)
    )
    done = coterie("-p", folder, "sources", "revoke", "web", "--key", first["id"]).output
    assert done == "1 write key of web revoked\n"
    keys = json.loads(coterie("-p", folder, "sources", "list", "--json").output)
    working = [key["id"] for key in keys if key["revoked_at"] is None]
    assert (len(keys), working) == (2, [second["id"]])
    assert "1 write key of web" in coterie("-p", folder, "sources", "revoke", "web").output
    again = coterie("-p", folder, "sources", "revoke", "web")
    assert again.exit_code == 1
    assert "no write key to revoke" in again.output


@pytest.mark.parametrize("name", ["", "a b", "-x", "é", "a" * 64])
def test_source_has_a_plain_name(folder: Path, name: str) -> None:
    """It stands in events, files and addresses."""
    done = coterie("-p", folder, "sources", "add", "--", name)
    assert done.exit_code == 1
    assert "a source cannot be called that" in done.output


def test_nobody_may_send_yet_is_said(folder: Path) -> None:
    """An empty list says what to type."""
    assert "coterie sources add web" in coterie("-p", folder, "sources", "list").output


def test_unknown_role_and_missing_server_are_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is listened at."""
    assert "no such role" in coterie("-p", folder, "serve", "--role", "cook").output
    monkeypatch.setitem(sys.modules, "granian", None)
    done = coterie("-p", folder, "serve")
    assert done.exit_code == 1
    assert "pip install 'coterie[serve]'" in done.output


def test_address_that_nobody_can_listen_at_is_said(folder: Path) -> None:
    """Another machine's, or one that does not exist."""
    done = coterie("-p", folder, "serve", "--role", "collect", "--host", "192.0.2.1")
    assert done.exit_code == 1
    assert "nobody can listen there" in done.output


@pytest.mark.parametrize(
    "settings", ["event_bytes = 0", "patience = -1.0", "event_bytes = 600_000", "limit = 3"]
)
def test_limits_that_cannot_be_meant_are_refused(folder: Path, settings: str) -> None:
    """With the name of the setting."""
    with (folder / "coterie.toml").open("a") as file:
        file.write(f"\n[collect]\n{settings}\n")
    done = coterie("-p", folder, "status")
    assert done.exit_code == 1
    assert settings.split(" ")[0] in done.output


def test_project_gives_what_the_command_gives(folder: Path) -> None:
    """The same in a notebook."""
    with Project(folder) as project:
        made, key = project.sources.add("app")
        assert hashed(key).hex().startswith(made.id)
        assert [found.source for found in project.sources.list()] == ["app"]
        assert project.sources.revoke("app") == 1
