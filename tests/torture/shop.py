"""A tiny shop that is tortured, and what must be true of it afterwards."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from coterie.project import Project
from coterie.project.receiving import drained
from tests.server.served import PLAIN, Served

KEEN = 20
_INTERPRETED = {"COTERIE_COMPILED": "0"}
DEFINITIONS = f"""\
from coterie import event, segment, trait

looks = trait(event("Looked").count())
farthest = trait(event("Looked").max("n"))
keen = segment(looks >= {KEEN})
"""
PLAN = """\
version = 1
[events.Looked.properties]
n = { type = "integer" }
"""


class Shop(Served):
    """A project whose server has every role, and writes its log into a file."""

    def start(self, *before: str) -> Shop:
        """Start the server, under another command where one is given, until it is ready."""
        command = [
            *before, sys.executable, "-c", "from coterie.cli.main import run; run()",
            "serve", "--port", str(self.port),
        ]  # fmt: skip
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=os.environ | PLAIN | _INTERPRETED,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert " at http://" in said, said + self.log.read_text()
        return self

    @property
    def log(self) -> Path:
        """What the server says of its work."""
        return self.folder.parent / "server.log"

    def ended(self) -> tuple[int, str]:
        """The code with which the server ended, and what it said of it."""
        code, _ = super().ended()
        return code, self.log.read_text()


def opened(folder: Path) -> Shop:
    """A new shop with definitions, whose server does not run yet."""
    shop = Shop(folder)
    (shop.folder / "definitions.py").write_text(DEFINITIONS)
    (shop.folder / "tracking_plan" / "web.toml").write_text(PLAN)
    return shop


class Kept(NamedTuple):
    """What a shop holds: ids of messages, as often as they are there."""

    stored: Counter[str]
    refused: Counter[str]

    def holds(self, stored: Iterable[str], refused: Iterable[str], sent: Iterable[str]) -> None:
        """Fail unless all that was acknowledged is there once, and nothing that nobody sent."""
        for there, acknowledged in ((self.stored, stored), (self.refused, refused)):
            lost = set(acknowledged) - set(there)
            assert not lost, f"{len(lost)} acknowledged and lost: {sorted(lost)[:9]}"
            twice = [name for name, n in there.items() if n > 1]
            assert not twice, f"there more than once: {twice[:9]}"
            assert set(there) <= set(sent)


def kept(folder: Path) -> Kept:
    """Open a shop whose server does not run, and look at all of it.

    Raises
    ------
    AssertionError
        Fates do not add up, or profiles and segments have what the log has not.
    """
    with Project(folder) as project:
        with project.writing() as stores:
            drained(project, stores)
        log = project.stores.log
        if log.tally().stored:
            project.run("now")
        events = [entry.event for entry in log.read(0, 10_000_000, "event")]
        status = json.loads(project.status().as_json())
        answers = pa.table(project.traits(["looks", "keen"])).to_pylist() if events else []
        project.quarantine.export(folder / "refused.csv")
    with (folder / "refused.csv").open(encoding="utf-8", newline="") as file:
        refused = [json.loads(row["_raw"])["messageId"] for row in csv.DictReader(file)]
    (folder / "refused.csv").unlink()
    fates = [status[name] for name in ("stored", "duplicate", "quarantined", "erased")]
    assert (status["received"], fates[0], fates[2]) == (sum(fates), len(events), len(refused))
    looks = Counter(event.user_id for event in events)
    assert {one["profile"]: one["looks"] for one in answers} == looks
    assert {one["profile"] for one in answers if one["keen"]} == {
        person for person, n in looks.items() if n >= KEEN
    }
    return Kept(Counter(event.message_id for event in events), Counter(refused))
