"""The commands: history, members, preview, and the versions of definitions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coterie.cli.author import author
from coterie.cli.main import app
from tests.history.edits import FEWER, WIDER, edited
from tests.project.shop import Shop


def of(shop: Shop, *arguments: str) -> Result:
    """Run one command on a shop, whose stores nobody else has open."""
    shop.project.close()
    return CliRunner().invoke(app, ["-p", str(shop.folder), *arguments])


def lines(done: Result) -> list[list[str]]:
    assert done.exit_code == 0, done.output
    return [line.split() for line in done.stdout.splitlines()]


def test_history_is_a_table(months: Shop) -> None:
    """The instant, the size, who came and went, why, by which version."""
    rows = lines(of(months, "history", "active"))
    assert rows[2] == ["at", "size", "entered", "left", "cause", "version"]
    assert rows[-1] == ["2024-03-15", "00:00:00", "+00:00", "2", "+2", "-2", "run", "1"]
    known = lines(of(months, "history", "mood", "--known"))
    assert known[2] == ["at", "stage", "size", "entered", "left", "version"]
    assert known[-3][3:6] == ["new", "3", "+2"]


def test_history_is_json(months: Shop) -> None:
    """For other programs, with every step."""
    report = json.loads(of(months, "history", "active", "--json").stdout)
    assert [step["size"] for step in report["steps"]] == [1, 2, 2]
    assert {step["cause"] for step in report["steps"]} == {"run"}


def test_members_are_listed_by_belief_and_by_knowledge(months: Shop) -> None:
    """As a table with what is not listed beside it."""
    done = of(months, "members", "bought", "--on", "2024-02-15")
    assert lines(done)[-1] == [
        months.person("ann"), "2024-01-15", "00:00:00", "+00:00", "run",
    ]  # fmt: skip
    assert "1 might not be used for marketing then" in done.stderr
    known = of(months, "members", "active", "--at", "2024-02-15")
    assert {row[0] for row in lines(known)[-2:]} == {months.person("ann"), months.person("bob")}
    assert "by what is known now" in known.stdout


def test_members_are_csv_and_json(months: Shop) -> None:
    """The CSV has a header and nothing else beside the rows."""
    done = of(months, "members", "mood.regular", "--csv")
    assert done.stdout.splitlines() == [
        '"profile","since","cause"', f'"{months.person("ann")}","2024-02-15T00:00:00Z","run"',
    ]  # fmt: skip
    report = json.loads(of(months, "members", "active", "--json").stdout)
    assert (report["holds"], len(report["people"])) == (2, 2)


def test_wrong_question_fails_with_an_error(months: Shop) -> None:
    """Exit code 1, and the error's hint."""
    for arguments in (("members", "active", "--on", "2020-01-01"), ("history", "spend"),
                      ("definitions", "1"), ("definitions", "--diff", "1", "2", "3")):  # fmt: skip
        done = of(months, *arguments)
        assert done.exit_code == 1
        assert "hint" in done.stderr


def test_preview_shows_the_edit_and_its_effect(months: Shop) -> None:
    """Old and new words, sizes, and people where they are asked for."""
    done = of(edited(months, WIDER), "preview")
    assert ["active", "2", "4", "+2", "-0"] in lines(done)
    assert "last 60 days" in done.stdout
    assert months.person("bob") not in done.stdout
    assert [months.person("bob"), "active"] in lines(of(months, "preview", "--people"))
    assert json.loads(of(months, "preview", "--json").stdout)["effects"][0]["entered"] == 2


def test_preview_of_nothing_says_so(months: Shop) -> None:
    """No definition differs, nobody moves."""
    said = of(months, "preview").stdout
    assert "no definition differs" in said
    assert "nobody enters or leaves" in said


def test_versions_name_author_note_and_changes(months: Shop) -> None:
    """As the command `run` kept them."""
    command = ["git", "-C", str(months.folder), "-c", "init.defaultBranch=main", "init", "-q"]
    subprocess.run(command, check=True)
    command = ["git", "-C", str(months.folder), "config", "user.name", "Ada [of] Shop"]
    subprocess.run(command, check=True)
    edited(months, WIDER)
    assert of(months, "run", "--until", "2024-03-16", "--note", "wider [now]").exit_code == 0
    said = of(months, "definitions", "--versions").stdout.splitlines()
    assert [line.rstrip() for line in said[-3:]] == [
        "version 2  2024-03-16 00:00:00 +00:00 by Ada [of] Shop",
        "  wider [now]",
        "  ~1 changed: active",
    ]
    versions = json.loads(of(months, "definitions", "--versions", "--json").stdout)["versions"]
    assert versions[1]["differences"][0]["name"] == "active"


def test_differences_are_english_or_yaml(months: Shop) -> None:
    """Between versions, or from the last run's to the files as they are."""
    edited(months, WIDER).project.run("2024-03-16")
    said = of(edited(months, FEWER), "definitions", "--diff").stdout
    assert "from version 2 to the files as they are" in said
    assert "- best" in said
    assert "~ active" in said
    yaml = of(months, "definitions", "--diff", "1", "2", "--yaml").stdout
    assert "-    within: P30D" in yaml
    assert "+    within: P60D" in yaml
    same = of(months, "definitions", "--diff", "2", "2").stdout
    assert "no definition differs" in same
    assert json.loads(of(months, "definitions", "--diff", "1", "--json").stdout)["new"] is None


def test_author_without_git_is_the_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And without any name there is none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "ada")
    assert author(tmp_path) == "ada"
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert author(tmp_path) == ""


def test_author_is_the_address_where_git_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What git would sign a commit with."""
    config = tmp_path / "config"
    config.write_text("[user]\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    assert author(tmp_path) == "ada@example.org"
