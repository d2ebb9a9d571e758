"""The demonstration: a shop that never was, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import coterie
from coterie.errors import ProjectError
from coterie.project import Project
from coterie.project.demo import BEHIND, make
from coterie.simulate.parameters import DAY
from tests.cli.test_commands import coterie as command

pytestmark = pytest.mark.xdist_group("demo")  # one demonstration serves most of these tests


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "shop"


@pytest.fixture(scope="module")
def shown(folder: Path) -> str:
    """What `coterie demo` printed."""
    done = command("demo", folder, "--people", 200, "--months", 6)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_demo_shows_people_segments_and_a_story(shown: str, folder: Path) -> None:
    """Everything that a newcomer should see, in one screen after another."""
    assert "A shop of 2" in shown
    with coterie.open(folder) as cdp:
        for name in (*cdp.library.segments, *cdp.library.stages):
            assert name in shown
    for said in ("people whose recency_rank is", "One person's story", "because", "in champions"):
        assert said in shown


def test_demo_is_a_project_like_any_other(shown: str, folder: Path) -> None:
    """Its counts balance, its devices are joined, its consents decide the audience."""
    with coterie.open(folder) as cdp:
        status = cdp.status()
        assert status.balanced
        assert status.duplicate > 0
        assert status.quarantined == 0
        report = cdp.segments.report()
        (group,) = [g for g in report.groups if g.name == "active_above_500"]
        assert 0 < group.sizes[0].audience <= group.sizes[0].holds


def test_demo_holds_no_address(shown: str, folder: Path) -> None:
    """Names and addresses of the simulated people were hashed on the way in."""
    from coterie.privacy.scan import scan
    from coterie.simulate import simulate

    events = [e for batch in simulate(people=200, months=6).events() for e in batch]
    addresses = {e.properties["email"] for e in events if "email" in e.properties}
    assert len(addresses) > 50
    assert scan(folder, [address.encode() for address in sorted(addresses)]) == []


def test_demo_replaces_its_own_folder(shown: str, folder: Path) -> None:
    """The same command again makes the same shop again, and no other file survives."""
    (folder / "left.txt").write_text("mine")
    project, _ = make(folder, people=20, months=2, seed=1, progress=silent)
    assert project.segments.report().people > 0
    assert not (folder / "left.txt").exists()
    project.close()


def test_demo_refuses_any_other_folder(tmp_path: Path) -> None:
    """What the demo did not make is not touched."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ProjectError, match="did not make"):
        make(tmp_path, people=20, months=2, seed=1, progress=silent)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_demo_that_was_stopped_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that it had only begun is its own, too."""

    def stopped(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Project, "run", stopped)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / "d", people=20, months=2, seed=1, progress=silent)
    project, _ = make(tmp_path / "d", people=20, months=2, seed=1, progress=silent)
    assert project.segments.report().people > 0
    project.close()


def test_same_seed_is_the_same_shop(tmp_path: Path) -> None:
    """The sizes of all segments are the same, though the pseudonyms are not."""
    projects = [
        make(tmp_path / name, people=50, months=3, seed=5, progress=silent).project for name in "ab"
    ]
    first, second = (project.segments.report().groups for project in projects)
    assert first == second
    keys = {(project.folder / "data/keys/project.key").read_bytes() for project in projects}
    assert len(keys) == 2
    for project in projects:
        project.close()


def test_a_shop_that_goes_on_keeps_what_is_still_to_come(tmp_path: Path) -> None:
    """Nothing that arrives after the demo's instant is stored; all of it comes in order."""
    project, coming = make(tmp_path / "d", people=50, months=2, seed=5, progress=silent, ahead=0.5)
    clock = project.segments.report().at
    arrivals = [event.received_at for event in coming]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] > clock
    assert len(arrivals) > 20
    with project:
        assert not {event.key for event in coming} & {
            entry.event.key for entry in project.stores.log.read(0, 100_000, "event")
        }


def test_a_shop_that_goes_on_has_a_past(tmp_path: Path) -> None:
    """Its last two weeks were followed: a run each morning, and changes at their own instants."""
    project, _ = make(tmp_path / "d", people=100, months=3, seed=5, progress=silent, ahead=0.5)
    with project:
        steps = project.history("lifecycle_stage").steps
        begun = project.segments.report().at - BEHIND * DAY
        assert min(step.at for step in steps) == begun
        assert any(step.at % DAY for step in steps if step.cause == "event")
        (daily,) = project.schedule().schedules
        assert (daily.name, daily.missed) == ("segments.default", 0)
