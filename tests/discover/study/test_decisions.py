"""What was decided about a study stays with it: adopted or rejected, when, by whom and why."""

from __future__ import annotations

import pytest

from coterie.errors import DefinitionError, StoreError
from tests.cli.test_commands import coterie as typed
from tests.live.shop import Live

pytestmark = pytest.mark.xdist_group("studied")  # one study serves all of these tests


def test_adoption_is_kept_with_what_was_written(shop: Live) -> None:
    """How, which clustering, the file, its names, and how true they are."""
    made = shop.project.discover.adopt("study-1", author="Ann", note="first")
    (kept,) = shop.project.discover.kept("study-1").decisions
    assert (kept.decided, kept.how, kept.candidate) == ("adopted", "rules", "kmeans-3")
    assert (kept.author, kept.note, kept.file) == ("Ann", "first", "definitions/study_1.yaml")
    assert kept.definitions == tuple(made.definitions.by_name)
    assert kept.fidelity == made.fidelity


def test_decisions_follow_one_another(shop: Live) -> None:
    """A rejection does not wipe out the adoption before it."""
    shop.project.discover.adopt("study-1")
    shop.project.discover.reject(note="changed our mind")
    kept = shop.project.discover.kept("study-1").decisions
    assert [one.decided for one in kept] == ["adopted", "rejected"]
    assert kept[0].at <= kept[1].at


def test_command_rejects_a_study_and_lists_the_decision(shop: Live) -> None:
    """By default the newest."""
    shop.project.close()
    assert "decided" in typed("-p", shop.folder, "discover", "list").output
    done = typed("-p", shop.folder, "discover", "reject", "--note", "too broad")
    assert done.exit_code == 0, done.output
    assert "study-1 is rejected" in done.output
    assert "rejected" in typed("-p", shop.folder, "discover", "list").output


def test_refused_adoption_is_no_decision(shop: Live) -> None:
    """Nothing was written, so nothing was decided."""
    with pytest.raises(DefinitionError, match="names"):
        shop.project.discover.adopt("study-1", names=["one"])
    assert shop.project.discover.kept("study-1").decisions == ()


def test_damaged_file_of_decisions_is_named(shop: Live) -> None:
    """Never read as if nothing had been decided."""
    kept = shop.project.discover.kept("study-1")
    (kept.folder / "decisions.json").write_text("[{")
    with pytest.raises(StoreError, match="cannot be read"):
        _ = kept.decisions
