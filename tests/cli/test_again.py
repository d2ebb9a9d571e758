"""What a command remembers of those before it, and what it says where there is nothing yet."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from tests.project.shop import DEFINITIONS, MAPPING, MORE, ORDERS, Shop


@pytest.fixture
def bare(tmp_path: Path) -> Shop:
    """A project in Vienna that nothing was imported into."""
    return Shop(tmp_path, zone="Europe/Vienna")


class Done(NamedTuple):
    """How a command ended, and all that it said."""

    exit_code: int
    output: str


def typed(shop: Shop, *words: str) -> Done:
    """A command, by somebody without a terminal."""
    shop.project.close()
    done = CliRunner().invoke(app, ["-p", str(shop.folder), *words])
    return Done(done.exit_code, done.output)


def written(shop: Shop, name: str, text: str) -> str:
    """A file beside the project."""
    path = shop.folder.parent / name
    path.write_text(text)
    return str(path)


def test_mapping_of_a_source_is_used_for_its_next_file(bare: Shop) -> None:
    """The one that was written, not one inferred anew; and that is said."""
    mapping, first = written(bare, "map.toml", MAPPING), written(bare, "first.csv", ORDERS)
    assert typed(bare, "import", first, "--map", mapping).exit_code == 0
    done = typed(bare, "import", written(bare, "next.csv", MORE), "--source", "shop")
    assert done.exit_code == 0, done.output
    assert "by the mapping with which first.csv was imported (source shop)" in done.output
    assert bare.project.status().stored == 8


def test_inferred_mapping_is_used_again_unasked(bare: Shop) -> None:
    """Who accepted it once is not asked once more, and nothing is stored twice."""
    file = written(bare, "orders.csv", ORDERS)
    assert typed(bare, "import", file).exit_code == 2
    assert typed(bare, "import", file, "--yes").exit_code == 0
    before = bare.project.stores.log.tally().stored
    again = typed(bare, "import", file)
    assert again.exit_code == 0, again.output
    assert bare.project.stores.log.tally().stored == before


def test_mapping_that_does_not_fit_is_inferred(bare: Shop) -> None:
    """A file with other columns is another table, whatever its source."""
    file = written(bare, "orders.csv", ORDERS)
    assert typed(bare, "import", file, "--yes").exit_code == 0
    other = written(bare, "other.csv", ORDERS.replace("customer,when", "client,day"))
    done = typed(bare, "import", other)
    assert done.exit_code == 2
    assert "this mapping was inferred" in done.output


def test_why_shows_the_clocks_of_the_zone(bare: Shop) -> None:
    """As every other command; JSON has instants of UTC."""
    bare.imported().project.run("2024-03-01")
    shown = typed(bare, "why", "ann", "active").output
    assert "in active at 2024-03-01 00:00:00 +01:00" in shown
    assert "2024-02-10 11:00:00 +01:00  Order Completed" in shown
    assert "2024-02-29T23:00:00Z" in typed(bare, "why", "ann", "active", "--json").output


def test_permission_is_asked_for_like_a_trait(ran: Shop) -> None:
    """What somebody allows, and why."""
    asked = ran.project.traits(["orders", "may_marketing"])
    allowed = dict(zip(asked["profile"], asked["may_marketing"], strict=True))
    assert {who for who, may in allowed.items() if may} == {ran.person("ann")}
    assert ran.project.why("ann", "may_marketing").value == "yes"
    assert "yes" in typed(ran, "why", "ann", "may_marketing").output


@pytest.mark.parametrize("until", [[], ["--until", "now"], ["--until", "last"]])
def test_run_without_people_leaves_the_clock(bare: Shop, until: list[str]) -> None:
    """So that data of the past can still be run at its own time."""
    bare.define("")
    done = typed(bare, "run", *until)
    assert done.exit_code == 1
    assert "coterie import" in done.output
    assert bare.project.stores.log.clock() is None


def test_project_without_segments_says_so(ran: Shop) -> None:
    """Instead of an empty table."""
    ran.define(
        "from coterie import event, trait\norders = trait(event('Order Completed').count())\n"
    )
    ran.project.reload()
    ran.project.run("2024-03-02")
    assert "no segments or stages are defined yet" in typed(ran, "segments").output
    assert "Segments and stages\nnone" in typed(ran, "profile", "ann").output


def test_segments_of_an_edit_are_not_called_those_of_the_last_run(ran: Shop) -> None:
    """Neither its version nor what it changed is theirs."""
    ran.define(DEFINITIONS.replace("days(30)", "days(60)"))
    shown = typed(ran, "segments").output
    assert "version" not in shown.splitlines()[0]
    assert "last run" not in shown.split("these are the definitions")[0]
    assert "the definitions as the files are" in shown


def test_both_times_of_members_are_refused_by_their_names(ran: Shop) -> None:
    """The options as they are typed."""
    done = typed(ran, "members", "active", "--on", "2024-02-01", "--at", "2024-02-01")
    assert done.exit_code == 1
    assert {"(--on)", "(--at)"} <= set(done.output.split())
