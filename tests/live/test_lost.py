"""A lake that was deleted comes back from the log, with every record at its exact instant."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.errors import StoreError
from coterie.profiles import transitions
from coterie.profiles.live import again
from tests.live.shop import Live, bought, day, looked
from tests.live.test_edits import WIDER

pytestmark = pytest.mark.xdist_group("lost")


@pytest.fixture(scope="module")
def made(stocked: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A shop whose stream met late events, a merge and an edit, and between them a run by SQL."""
    shop = Live.copied(stocked, tmp_path_factory.mktemp("eventful"))
    shop.send([looked(f"x{at}", None, at, anonymous_id="tablet") for at in (15, 16)])
    shop.replay(20.0)
    shop.send([bought("x1", "ann", 12, "9"), looked("x2", "bob", 21, anonymous_id="tablet")])
    shop.replay(30.0)
    shop.define(WIDER)
    shop.replay(35.0)
    shop.project.run(day(90))
    shop.now = day(100)
    shop.send([bought("x3", "ann", 95, "9"), bought("x4", "bob", 92, "1")])
    shop.replay(100.0)
    shop.project.close()
    return shop


@pytest.fixture
def eventful(made: Live, tmp_path: Path) -> Iterator[Live]:
    """A copy of it."""
    shop = Live.copied(made, tmp_path)
    shop.now = day(200)
    yield shop
    shop.project.close()


def lose(shop: Live, part: str) -> None:
    """Delete the lake, or one table of it."""
    shutil.rmtree(shop.folder / "data" / "lake" / part)


def numbered(shop: Live) -> list[dict[str, Any]]:
    """Every record of the stream, with its number."""
    return transitions.read(*shop.project.stores[1:]).to_pylist()  # type: ignore[no-any-return]


LOST: list[tuple[str, Callable[[Live], object]]] = [
    ("", lambda shop: shop.replay(120.0)),
    ("transitions", lambda shop: shop.project.run(day(120))),
]


@pytest.mark.parametrize(("part", "act"), LOST, ids=["lake", "table"])
def test_lost_records_are_made_again(
    eventful: Live, part: str, act: Callable[[Live], object]
) -> None:
    """One by one as the stream had made them: instants, causes, numbers."""
    before, records = numbered(eventful), eventful.records()
    lose(eventful, part)
    act(eventful)
    assert numbered(eventful)[: len(before)] == before
    assert [row for row in eventful.records() if row in records] == records
    assert eventful.folded() == eventful.members()
    eventful.replay(200.0)
    eventful.verified()


@pytest.mark.parametrize("part", ["", "transitions"])
def test_lost_records_are_said(eventful: Live, part: str) -> None:
    """Status, watch and verify refuse to speak of what is gone, and say what helps."""
    lose(eventful, part)
    asked: list[Callable[[], object]] = [
        eventful.project.status, eventful.project.stream.verify,
        lambda: eventful.project.stream.watch("active"),
    ]  # fmt: skip
    for ask in asked:
        with pytest.raises(StoreError, match="the lake lacks") as refused:
            ask()
        assert "coterie run" in refused.value.hint
    eventful.project.close()
    said = CliRunner().invoke(app, ["-p", str(eventful.folder), "verify"])
    assert said.exit_code == 1


def test_restoring_that_was_killed_begins_anew(
    eventful: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the records are there, and after."""
    before = numbered(eventful)
    lose(eventful, "")
    for name in ("write", "Outbox"):
        with monkeypatch.context() as patch:
            patch.setattr(again, name, lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                eventful.replay(100.0)
    eventful.replay(100.0)
    assert numbered(eventful)[: len(before)] == before


def test_erased_person_is_not_made_again(eventful: Live) -> None:
    """What is made from the log is made without whom it has forgotten."""
    ann = eventful.person("ann")
    eventful.project.erase("ann")
    before = [row for row in eventful.records() if row[1] != ann]
    lose(eventful, "")
    eventful.replay(100.0)
    assert ann not in {row["profile"] for row in numbered(eventful)}
    assert [row for row in eventful.records() if row in before] == before
    eventful.verified()
