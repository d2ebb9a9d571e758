"""The main job on real data: explained segments, as a new user asks for them after the import.

The import itself is typed in the tutorial, which is run as a page.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

import coterie
from tests.support.nursery import Begun

pytestmark = pytest.mark.xdist_group("tutorial")  # one import serves all of these tests

PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}


class Said(NamedTuple):
    """What a command printed, and what it wrote aside."""

    stdout: str
    stderr: str


class Terminal:
    """A new user's terminal: the command in a process of its own, in some folder."""

    def __init__(self, here: Path) -> None:
        self.here = here

    def __call__(self, line: str, *, fails: int = 0) -> Said:
        program, *arguments = line.split()
        assert program == "coterie"
        with Begun(arguments, self.here, os.environ | PLAIN) as begun:
            done = Said(*begun.communicate())
        assert begun.returncode == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="module")
def terminal(followed: Path, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """The project that the tutorial's reader made, imported and run, with the file beside it."""
    here = tmp_path_factory.mktemp("journey") / "tutorial"
    shutil.copytree(followed, here)
    return Terminal(here / "retail")


def size(shown: str, name: str) -> list[int]:
    """The numbers of one line of `coterie segments`: who holds, and who may be used."""
    (line,) = [line for line in shown.splitlines() if line.startswith(f"{name} ")]
    return [int(n.replace(",", "")) for n in re.findall(r"(?<= )\d[\d,]*(?= )", line)[:2]]


def test_segments_have_the_known_sizes(terminal: Terminal) -> None:
    """1,629 ordered within 30 days, 104 spent above 10,000, 3 are frequent and of high value."""
    shown = terminal("coterie segments").stdout
    assert size(shown, "active_30d") == [1629, 1629]
    assert size(shown, "frequent_high_value") == [3, 3]
    assert re.search(r"loyalty_tier.*\n(?:.*\n)+?  gold +104 ", shown)
    assert re.search(r"net_loyalty_tier.*\n(?:.*\n)+?  gold +97 ", shown)


def test_profile_is_shown_by_raw_id(terminal: Terminal) -> None:
    """Customer 17850 bought 34 times for 5,391.21, long ago, and the id itself is not printed."""
    shown = terminal("coterie profile 17850").stdout
    assert {"34", "5391.210"} <= set(shown.split())
    assert "17850" not in shown


def test_why_of_the_past_explains(terminal: Terminal) -> None:
    """On 1 June 2011 the customer was no champion, because they had not ordered since December."""
    shown = terminal("coterie why 17850 champions --at 2011-06-01").stdout
    assert shown.startswith("not in champions at 2011-06-01 00:00:00 +00:00")
    assert "2010-12-02 15:27:00 +00:00" in shown
    assert "for this answer only" in shown


def test_export_has_a_row_for_each_champion(terminal: Terminal) -> None:
    """As many as the segment holds; with the user's own ids when they are given."""
    held = size(terminal("coterie segments").stdout, "champions")[0]
    terminal("coterie export champions --format csv --traits monetary")
    rows = list(csv.DictReader((terminal.here / "champions.csv").read_text().splitlines()))
    assert len(rows) == held
    own = "--ids ../online_retail.csv:CustomerID --out own.csv"
    terminal(f"coterie export champions {own}")
    named = list(csv.DictReader((terminal.here / "own.csv").read_text().splitlines()))
    assert {row["profile"] for row in named} == {row["profile"] for row in rows}


def test_marketing_segment_exports_nobody(terminal: Terminal) -> None:
    """No consent was mapped, so 0 rows are written, and the sentence has the numbers."""
    done = terminal("coterie export active_above_500")
    assert "1,271 hold, 0 may be used for marketing: no consent mapped" in done.stderr
    assert (terminal.here / "active_above_500.csv").read_text() == '"profile"\n'


def test_status_accounts_for_everything(terminal: Terminal) -> None:
    """Every event that was received has one fate."""
    shown = terminal("coterie status").stdout
    assert "25,900 = 25,900 stored + 0 duplicate + 0 quarantined + 0 erased" in shown


def test_notebook_gives_the_same(terminal: Terminal) -> None:
    """`coterie.open` answers what the command does, with exact amounts."""
    with coterie.open(terminal.here) as cdp:
        shown = terminal("coterie segments").stdout
        assert len(cdp.segments["champions"].profiles()) == size(shown, "champions")[0]
        frame = cdp.traits(["gross_spend"], at=["2011-06-01", "2011-12-10"])
        above = [spend for spend in frame["gross_spend"] if spend is not None and spend > 10_000]
        assert len(set(frame["at"])) == 2
        assert 104 < len(above) < 208


def test_erased_customer_is_in_no_store(terminal: Terminal, tmp_path: Path) -> None:
    """In a copy of the project, so that the other questions find everybody."""
    copy = Terminal(tmp_path / "shop")
    shutil.copytree(terminal.here, copy.here)
    assert "nothing is left" in copy("coterie erase 17850 --yes").stdout
    copy("coterie profile 17850", fails=1)
    copy("coterie run --until 2011-12-10")
    assert "4,371 people" in copy("coterie segments").stdout
