"""A destination's secret is shown once; the commands say what became of each message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.activate.webhooks.enqueuing import Enqueuer
from coterie.project import Project
from coterie.storage.deliveries import Deliveries, Outcome
from coterie.storage.destinations import Destinations
from coterie.storage.outbox import Outbox
from coterie.storage.pending import Pending
from tests.activate.webhooks.outside import Outside, People
from tests.activate.webhooks.receiver import Receiver, status
from tests.cli.test_commands import coterie

ALLOWED = '\n[webhooks]\nallow = ["127.0.0.0/8"]\n'
HESITANT = "interested_but_hesitant"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    coterie("init", tmp_path / "p", "--recipe", "retail")
    with (tmp_path / "p" / "coterie.toml").open("a") as settings:
        settings.write(ALLOWED)
    return tmp_path / "p"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def added(folder: Path, url: str, *more: str) -> str:
    """The secret of a new destination."""
    said = coterie(
        "-p", folder, "destinations", "add", "crm", "--url", url, "--segment", HESITANT, "--json",
        *more,
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    return str(json.loads(said.output)["secret"])


def test_secret_is_shown_once_and_kept_sealed(folder: Path, receiver: Receiver) -> None:
    """No file of the project holds it, and `test` signs with it."""
    receiver.secret = added(folder, receiver.url)
    assert receiver.secret.startswith("whsec_")
    held = b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file())
    assert receiver.secret.encode() not in held
    assert coterie("-p", folder, "destinations", "test", "crm").output == "204 No Content\n"
    assert receiver.messages[0]["type"] == "coterie.test"
    listed = coterie("-p", folder, "destinations", "list").output
    assert "crm" in listed
    assert receiver.secret not in listed


def test_rotated_secret_signs_beside_the_former_one(folder: Path, receiver: Receiver) -> None:
    """The new one is printed, and the former signs for as long as it was said."""
    old = added(folder, receiver.url)
    new = coterie("-p", folder, "destinations", "rotate", "crm", "--hours", "1").output.split()[0]
    assert new.startswith("whsec_")
    assert new != old
    receiver.secret = new
    coterie("-p", folder, "destinations", "test", "crm")
    assert receiver.forged == 0


def test_an_unhappy_receiver_is_told(folder: Path, receiver: Receiver) -> None:
    """The answer is shown, and the command fails."""
    receiver.secret = added(folder, receiver.url)
    receiver.answering = status(500)
    said = coterie("-p", folder, "destinations", "test", "crm")
    assert (said.exit_code, said.output) == (1, "500 Internal Server Error\n")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("crm!", "--url", "https://example.com", "--segment", HESITANT), "cannot be called that"),
        (("crm", "--url", "https://10.0.0.1/", "--segment", HESITANT), "internal network"),
        (("crm", "--url", "nothing", "--segment", HESITANT), "not an address"),
        (("crm", "--url", "https://example.com", "--segment", "interested_but_hesitent"), HESITANT),
        (("crm", "--url", "https://example.com", "--segment", "lifecycle_stage.gone"), "stages"),
        (
            ("crm", "--url", "https://example.com", "--segment", HESITANT, "--traits", "shoe"),
            "no such trait",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(folder: Path, wrong: tuple[str, ...], said: str) -> None:
    """Nothing is kept of it, and the error names the nearest right thing."""
    done = coterie("-p", folder, "destinations", "add", *wrong)
    assert done.exit_code == 1
    assert said in done.output
    assert coterie("-p", folder, "destinations", "list", "--json").output == "[]\n"


def test_stages_are_each_of_them(folder: Path) -> None:
    """Naming a set of stages asks for every stage of it."""
    added(folder, "https://example.com/hook", "--segment", "lifecycle_stage")
    (made,) = json.loads(coterie("-p", folder, "destinations", "list", "--json").output)
    assert made["segments"][0] == HESITANT
    assert len(made["segments"]) > 2
    assert all(name.startswith("lifecycle_stage.") for name in made["segments"][1:])


def test_deliveries_are_shown_retried_and_dropped(folder: Path, receiver: Receiver) -> None:
    """From waiting to failed, back by `retry`, and dropped by `remove`."""
    receiver.secret = added(folder, receiver.url)
    with Project(folder) as project:
        fail_one(project)
    said = coterie("-p", folder, "destinations", "deliveries", "--failed").output
    assert f"ann entered {HESITANT}  failed after 1 try: 500 Internal Server Error" in said
    assert "no such destination" in coterie("-p", folder, "destinations", "pause", "cmr").output
    coterie("-p", folder, "destinations", "pause", "crm")
    assert "paused: by command" in coterie("-p", folder, "destinations", "list").output
    coterie("-p", folder, "destinations", "resume", "crm")
    again = coterie("-p", folder, "destinations", "retry", "crm").output
    assert again == "1 tried again, 0 dropped as a later one says more\n"
    waiting = json.loads(
        coterie("-p", folder, "destinations", "deliveries", "--waiting", "--json").output
    )
    assert [row["profile"] for row in waiting] == ["ann"]
    gone = coterie("-p", folder, "destinations", "remove", "crm").output
    assert gone == "crm is removed; 1 waiting dropped\n"


def fail_one(project: Project) -> None:
    """One delivery that was tried in vain."""
    ledger = project.stores.ledger
    destinations, deliveries = Destinations(ledger), Deliveries(ledger)
    outside = Outside.__new__(Outside)
    outside.outbox, outside.people, outside.offset = Outbox(ledger), People(), 0
    outside.set(project.now())
    outside.enter("ann", segment=HESITANT)
    enqueuer = Enqueuer(
        destinations, deliveries, Pending(ledger), audience=outside.people, runs=lambda _: [],
        seal=project.pseudonymiser.seal, now=project.now,
    )  # fmt: skip
    (to,) = destinations.every()
    enqueuer.step(to)
    (row,) = deliveries.list()
    deliveries.settle(
        [Outcome(row, project.now(), 500, "500 Internal Server Error", "failed", None)]
    )
