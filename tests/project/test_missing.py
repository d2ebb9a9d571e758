"""Stores that are gone, foreign or shut: said, or made again from the log; never answered from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.errors import CoterieError, ProjectError, StoreError
from coterie.profiles import state
from coterie.profiles.history import Step
from coterie.project import Project
from coterie.storage.lake import Lake
from tests.project.shop import DEFINITIONS, MORE, Shop

COMMAND = str(Path(sys.executable).with_name("coterie"))
ANSWERS: dict[str, Callable[[Project], object]] = {
    "segments": lambda cdp: cdp.segments.report(),
    "segments of then": lambda cdp: cdp.segments.report("2024-02-20"),
    "profiles": lambda cdp: cdp.segments["active"].profiles(),
    "traits": lambda cdp: cdp.traits(["orders"]),
    "profile": lambda cdp: cdp.profile("ann"),
    "why": lambda cdp: cdp.why("ann", "active"),
    "history": lambda cdp: cdp.history("active"),
    "members": lambda cdp: cdp.members("active"),
    "members of then": lambda cdp: cdp.members("active", at="2024-02-20"),
    "preview": lambda cdp: cdp.preview(),
    "status": lambda cdp: cdp.status(),
    "export": lambda cdp: cdp.export("active", cdp.folder / "out.csv"),
    "erase": lambda cdp: cdp.erase("ann"),
}
PARTS = ["", "events", "changes", "state-*"]


@pytest.fixture(scope="module")
def made_and_edited(made_and_ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with three runs: one that came first, one with late events, one with an edit."""
    folder = tmp_path_factory.mktemp("edited") / "copy"
    shop = Shop.copied(made_and_ran, folder)
    shop.imported(MORE, name="more").project.run("2024-03-02")
    shop.define(DEFINITIONS.replace("days(30)", "days(60)"))
    shop.project.run("2024-03-03", note="wider")
    shop.project.close()
    return folder


@pytest.fixture
def edited(made_and_edited: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy of it."""
    copied = Shop.copied(made_and_edited, tmp_path / "copy")
    yield copied
    copied.project.close()


def records(shop: Shop) -> pa.Table:
    """Every change record."""
    return state.read_changes(shop.project.stores.lake, shop.project.stores.ledger)


def steps(shop: Shop) -> list[Step]:
    """The history that readers see."""
    names = ("active", "best", "mood", "bought")
    return [step for name in names for step in shop.project.history(name).steps]


def test_log_may_grow_while_its_project_is_opened(
    ran: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that moves events to the lake meanwhile is no reason to miss a store."""
    log, offset = ran.project.stores.log, Lake.offset

    def later(lake: Lake) -> int:
        log.append("tick", log.clock() or 0, b"{}")
        return max(offset(lake), log.end())

    monkeypatch.setattr(Lake, "offset", later)
    with Project(ran.folder) as beside:
        assert beside.stores.log.end() == log.end()


def without(shop: Shop, part: str) -> None:
    """Delete a part of the lake, while the project is open."""
    lake = shop.folder / "data" / "lake"
    for folder in lake.glob(part) if part else [lake]:
        shutil.rmtree(folder)


@pytest.mark.parametrize("part", PARTS)
def test_lost_lake_is_said_by_every_answer(edited: Shop, part: str) -> None:
    """Nobody is told that nobody is anywhere, in an open project or in a new one."""
    without(edited, part)
    for fresh in (False, True):
        if fresh or part:
            edited.project.close()
        for name, ask in ANSWERS.items():
            with pytest.raises(StoreError) as refused:
                ask(edited.project)
            assert "coterie run" in refused.value.hint, name


@pytest.mark.parametrize("part", PARTS)
def test_next_run_writes_a_lost_lake_again(edited: Shop, part: str) -> None:
    """Record by record as the runs had written it, late events and edits included."""
    before, said, memberships = records(edited), steps(edited), edited.members()
    without(edited, part)
    report = edited.project.run("2024-03-03")
    again = "the lake lacked what runs had written: 3 runs were written again from the log"
    assert report.notes == ([] if part == "events" else [again])
    assert records(edited).equals(before)
    assert edited.members() == edited.folded() == memberships
    assert [step for step in steps(edited) if step.offset != report.offset] == said
    assert edited.project.run("2024-03-04").notes == []


def test_erased_person_is_not_written_again(edited: Shop) -> None:
    """What is made from the log is made without whom it has forgotten."""
    edited.project.erase("ann")
    before = records(edited)
    without(edited, "")
    edited.project.run("2024-03-03")
    assert edited.person("ann") not in records(edited)["profile"].to_pylist()
    kept = [name for name in before.column_names if name != "sequence"]  # an erasure leaves gaps
    assert records(edited).select(kept).equals(before.select(kept))


def test_restoring_that_was_killed_begins_anew(
    edited: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the runs are no answer."""
    before = records(edited)
    without(edited, "")
    with monkeypatch.context() as patch:
        patch.setattr(state, "write_changes", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            edited.project.run("2024-03-03")
    with pytest.raises(StoreError, match="the lake lacks"):
        edited.project.segments.report()
    edited.project.run("2024-03-03")
    assert records(edited).equals(before)


@pytest.mark.parametrize("name", ["log.db", "ledger.db"])
def test_lost_database_is_said_and_changes_nothing(ran: Shop, name: str) -> None:
    """Neither is made anew beside the other: what it held cannot be had from that."""
    ran.project.close()
    for path in (ran.folder / "data").glob(f"{name}*"):
        path.unlink()
    before = sorted(ran.folder.rglob("*"))
    for act in (Project.status, Project.run, lambda cdp: cdp.segments.report()):
        with pytest.raises(StoreError) as refused:
            act(ran.open())
        assert (refused.value.where, "backup" in refused.value.hint) == (f"data/{name}", True)
    after = [path for path in sorted(ran.folder.rglob("*")) if not path.name.endswith(".lock")]
    assert [path for path in after if path not in before and path.stem != "log"] == []


@pytest.mark.parametrize("ask", ANSWERS.values(), ids=ANSWERS)
def test_project_that_is_deleted_while_open_is_said_to_be_gone(
    ran: Shop, ask: Callable[[Project], object]
) -> None:
    """And nothing is made where it was."""
    ran.project.status()
    shutil.rmtree(ran.folder)
    with pytest.raises(ProjectError, match="is gone"):
        ask(ran.project)
    with pytest.raises(ProjectError, match="is gone"):
        ran.project.run("2024-03-05")
    assert not (ran.folder / "data" / "log.db").exists()


def test_project_that_is_replaced_while_open_is_noticed(ran: Shop, made: Path) -> None:
    """Another project's answers are not given under this one's settings."""
    ran.project.status()
    shutil.rmtree(ran.folder)
    shutil.copytree(made / "shop", ran.folder)
    with pytest.raises(ProjectError, match="was replaced"):
        ran.project.segments.report()


@pytest.mark.parametrize("step", range(3))
def test_run_whose_project_is_deleted_meanwhile_fails(ran: Shop, step: int) -> None:
    """With an error, whatever it was doing: an answer that is nowhere is not reported."""
    ran.imported(MORE, name="more")
    told: list[str] = []

    def delete(what: str, done: int, total: int) -> None:
        if what not in told:
            told.append(what)
        if len(told) == step + 1:
            shutil.rmtree(ran.folder)

    with pytest.raises((CoterieError, OSError)):
        ran.project.run("2024-03-05", progress=delete)
    assert len(told) > step


def powerless() -> list[str]:
    """What makes a command obey the rights of files, where these tests are run as root."""
    if os.geteuid() != 0:
        return []
    program = shutil.which("setpriv")
    if program is None:
        pytest.skip("root obeys no file's rights, and there is no setpriv to make it")
    return [program, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


@pytest.mark.parametrize(
    "command",
    ["segments", "profile ann", "run --until 2024-03-05", "erase ann --yes", "status",
     "import ../orders.csv --map ../orders.toml"],
)  # fmt: skip
def test_read_only_project_is_a_clear_error(ran: Shop, command: str) -> None:
    """What, where and what to do; and nothing is changed."""
    ran.project.close()
    data = ran.folder / "data"
    folders = [data, *(path for path in data.rglob("*") if path.is_dir())]
    files = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    for path in (*files, *folders):
        path.chmod(0o555)
    try:
        done = subprocess.run(
            [*powerless(), COMMAND, *command.split()],
            cwd=ran.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        for path in (*folders, *files):
            path.chmod(0o755)
    assert done.returncode == 1, done.stdout
    assert done.stderr.startswith("error: the project's data cannot be written to"), done.stderr
    assert str(data) in done.stderr.replace("\n", "")
    assert "hint:" in done.stderr
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == files


def test_command_says_that_the_lake_is_lost(ran: Shop) -> None:
    """And what to type."""
    ran.project.close()
    without(ran, "")
    asked = ["-p", str(ran.folder)]
    done = CliRunner().invoke(app, [*asked, "segments"])
    assert done.exit_code == 1
    assert "data/lake" in done.output
    done = CliRunner().invoke(app, [*asked, "run", "--until", "2024-03-02"])
    assert done.exit_code == 0
    assert "written again" in done.output
