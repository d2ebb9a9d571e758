"""The folder of a project: made once, found from below, and read without guessing."""

from __future__ import annotations

from pathlib import Path

import pytest

import coterie
from coterie.errors import CoterieError, ProjectError
from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.planfile import PlanStore
from coterie.project import folder as folders
from coterie.project.settings import load_settings

GOOD = 'name = "x"\ndefault_purpose = "a"\n[purposes.a]\nbasis = "consent"\n'


@pytest.mark.parametrize("recipe", ["", "retail"])
def test_new_project_opens(tmp_path: Path, recipe: str) -> None:
    """What `init` writes is read back without an error, key and all."""
    written = folders.create(tmp_path / "new", recipe, "Europe/London")
    assert {"coterie.toml", "definitions.py", ".gitignore"} <= set(written)
    with coterie.open(tmp_path / "new") as cdp:
        assert (cdp.settings.name, cdp.settings.zone) == ("new", "Europe/London")
        assert cdp.settings.default_purpose == "analytics"
        assert cdp.settings.bases == {"analytics": "legitimate_interest", "marketing": "consent"}
        assert cdp.segments.keys() == set(cdp.library.segments)


def test_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else on the machine can read it, and git ignores it."""
    folders.create(tmp_path)
    assert (tmp_path / folders.KEY).stat().st_mode & 0o077 == 0
    assert "data/" in (tmp_path / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("taken", ["coterie.toml", "definitions.py", folders.KEY])
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    """One file in the way is enough to write none."""
    (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / taken).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ProjectError, match="nothing was written"):
        folders.create(tmp_path, "retail")
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / taken).read_text() == "mine"


def test_unknown_recipe_and_zone_are_refused(tmp_path: Path) -> None:
    """With the nearest right name, before anything is written."""
    with pytest.raises(ProjectError) as refused:
        folders.create(tmp_path, "retial")
    assert "retail" in refused.value.hint
    with pytest.raises(ProjectError, match="time zone"):
        folders.create(tmp_path, zone="Europe/Londn")
    assert list(tmp_path.iterdir()) == []


def test_project_is_found_from_below(tmp_path: Path) -> None:
    """A folder deep inside is as good as the project's own."""
    folders.create(tmp_path)
    deep = tmp_path / "notebooks" / "may"
    deep.mkdir(parents=True)
    assert folders.find(deep) == folders.find(tmp_path) == tmp_path.resolve()


def test_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    """The hint is a command that can be typed."""
    with pytest.raises(ProjectError) as refused:
        coterie.open(tmp_path)
    assert "coterie init" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "cannot be read"),
        (GOOD.replace("consent", "because"), "because"),
        (GOOD.replace('"a"', '"b"', 1), "default purpose"),
        (GOOD + 'colour = "red"\n', "colour"),
        ('zone = "Mars/Olympus"\n' + GOOD, "time zone"),
        (GOOD + '[purposes."my mail"]\nbasis = "consent"\n', "my mail"),
        (GOOD.replace('name = "x"\n', ""), "name"),
        ('memory = "much"\n' + GOOD, "512MB"),
    ],
)
def test_wrong_settings_are_said(tmp_path: Path, text: str, said: str) -> None:
    """Each names the file, and what is wrong in it."""
    (tmp_path / "coterie.toml").write_text(text)
    with pytest.raises(ProjectError) as refused:
        load_settings(tmp_path / "coterie.toml")
    assert said in str(refused.value)
    assert "coterie.toml" in refused.value.where


def test_definition_that_takes_a_permissions_name_is_refused(tmp_path: Path) -> None:
    """`may_marketing` is what a purpose is asked by."""
    folders.create(tmp_path)
    (tmp_path / "definitions.py").write_text(
        "from coterie import segment, event\n"
        "may_marketing = segment(event('Consent Updated').any())\n"
    )
    plan = '[events."Consent Updated"]\n'
    (tmp_path / "tracking_plan" / "a.toml").write_text(plan)
    with coterie.open(tmp_path) as cdp, pytest.raises(CoterieError, match="may_marketing"):
        cdp.questions  # noqa: B018 - built when it is first asked for


def test_template_is_checked_against_its_own_plan(tmp_path: Path) -> None:
    """The retail recipe needs nothing that its tracking plan lacks."""
    folders.create(tmp_path, "retail")
    plan = PlanStore(tmp_path / "tracking_plan").load()
    bases = load_settings(tmp_path / "coterie.toml").bases
    assert Library(load(tmp_path), plan, bases, "analytics").segments
