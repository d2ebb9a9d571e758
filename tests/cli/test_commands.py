"""Every command: what it prints, what it exits with, and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coterie.cli.main import app
from coterie.profiles.run import Run
from tests.project.shop import DEFINITIONS, MAPPING, ORDERS, Shop


def coterie(*arguments: object, stdin: str = "") -> Result:
    """Run one command in this process, without a terminal."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def of(shop: Shop, *arguments: object) -> Result:
    """Run one command on a shop, whose stores nobody else has open."""
    shop.project.close()
    return coterie("-p", shop.folder, *arguments)


COMMANDS = (
    "init", "demo", "import", "run", "status", "erase", "segments", "profile", "why", "export",
    "history", "members", "preview", "definitions", "sql", "plan", "quarantine",
)  # fmt: skip


def test_help_lists_the_commands_in_the_order_of_the_work() -> None:
    """Someone who types `coterie` sees what there is."""
    shown = coterie("--help").output.partition("Commands")[2]
    listed = [line.split()[1] for line in shown.splitlines() if line[2:3].isalpha()]
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)


@pytest.mark.parametrize("command", [*COMMANDS, "quarantine fix"])
def test_every_command_has_help(command: str) -> None:
    """And says there what it is for."""
    done = coterie(*command.split(), "--help")
    assert done.exit_code == 0
    assert "Usage" in done.output


def test_segments_show_sizes_and_english(ran: Shop) -> None:
    """Holds and audience side by side, the change, the sentence."""
    done = of(ran, "segments")
    assert done.exit_code == 0
    (line,) = [line for line in done.output.splitlines() if line.startswith("bought ")]
    assert line.split()[-6:] == ["4", "1", "100.0", "%", "+4", "-0"]
    assert "people with some 'Order Completed'" in done.output
    assert "4 people, definitions version 1" in done.output
    assert "regular" in done.output


def test_segments_as_of_then_say_what_was_fitted(ran: Shop) -> None:
    """On the other stream, so that the table can be piped."""
    done = of(ran, "segments", "--at", "2024-02-01")
    assert "As of 2024-02-01 00:00:00 +00:00: 2 people" in done.stdout
    assert "fitted as of then, for this answer only: best" in done.stderr


def test_segments_fit_a_narrow_terminal(ran: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the screen, and no number is cut."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = of(ran, "segments").stdout.splitlines()[1:]
    assert max(map(len, lines)) <= 60
    assert any("100.0 %" in line for line in lines)
    assert "…" not in "".join(lines)


def test_profile_shows_one_person(ran: Shop) -> None:
    """Traits, memberships, and the newest events."""
    done = of(ran, "profile", "ann")
    for said in ("spend", "40.50", "regular", "Order Completed", "amount 30", ran.person("ann")):
        assert said in done.output
    assert "ann" not in done.output


def test_profile_says_what_may_not_be_used(ran: Shop) -> None:
    """Bob withdrew his consent."""
    assert "not to be used for marketing" in of(ran, "profile", "bob").output


def test_why_explains(ran: Shop) -> None:
    """Who is in it, and by which clause."""
    done = of(ran, "why", "cas", "best")
    assert done.output.startswith("in best at 2024-03-01 00:00:00 +00:00")
    assert "rank" in done.output


def test_export_writes_beside_the_user(
    ran: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is named after the segment, and the reason goes to the other stream."""
    monkeypatch.chdir(tmp_path)
    done = of(ran, "export", "bought", "--traits", "spend, rank")
    assert done.stdout == "1 row in bought.csv\n"
    assert "4 hold, 1 may be used for marketing: 3 have not agreed" in done.stderr
    assert (tmp_path / "bought.csv").read_text().startswith('"profile","spend","rank"\n')


def test_export_to_the_screen_is_the_file_alone(ran: Shop) -> None:
    """So it can be piped."""
    ran.project.close()
    command = [sys.executable, "-c", "from coterie.cli.main import run; run()"]
    wanted = ["-p", ran.folder, "export", "active", "--out", "-", "--format", "jsonl"]
    done = subprocess.run([*command, *wanted], capture_output=True, text=True, check=True)
    assert [list(json.loads(line)) for line in done.stdout.splitlines()] == [["profile"]] * 3


def test_export_takes_own_ids(ran: Shop, tmp_path: Path) -> None:
    """One by one and as a column of a file."""
    (tmp_path / "mine.csv").write_text("who\ndee\n")
    out = tmp_path / "a.csv"
    arguments = ("--id", "ann", "--ids", f"{tmp_path / 'mine.csv'}:who", "--out", out)
    assert of(ran, "export", "active", *arguments).exit_code == 0
    assert {line.split(",")[0] for line in out.read_text().splitlines()} == {
        '"id"', '"ann"', '"dee"',
    }  # fmt: skip


@pytest.mark.parametrize(
    "command",
    ["segments", "segments --at 2024-02-01", "profile ann", "why ann best", "status", "run"],
)
def test_json_is_json(ran: Shop, command: str) -> None:
    """One document on the standard output, whatever is said beside it."""
    name, *rest = command.split()
    until = ["--until", "2024-03-01"] if name == "run" else []
    done = of(ran, name, *rest, *until, "--json")
    assert done.exit_code == 0
    assert isinstance(json.loads(done.stdout), dict)


def test_json_of_an_export_has_its_numbers(ran: Shop, tmp_path: Path) -> None:
    """As data, for scripts."""
    done = of(ran, "export", "bought", "--out", tmp_path / "a.csv", "--json")
    said = json.loads(done.stdout)
    assert (said["holds"], said["audience"], said["written"]) == (4, 1, 1)


def test_import_without_a_terminal_shows_the_map_and_stops(shop: Shop, tmp_path: Path) -> None:
    """What it inferred is printed as TOML, nothing is imported, and the status is 2."""
    file = tmp_path / "more.csv"
    file.write_text(ORDERS)
    end = shop.project.stores.log.end()
    done = of(shop, "import", file)
    assert done.exit_code == 2
    assert "[person]" in done.stdout
    assert "--yes" in done.stderr
    assert shop.project.stores.log.end() == end


def test_import_prints_its_balance(tmp_path: Path) -> None:
    """Rows, facts, events and sums, and that they add up."""
    shop = Shop(tmp_path)
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "orders.toml").write_text(MAPPING)
    arguments = ("import", tmp_path / "orders.csv", "--map", tmp_path / "orders.toml")
    done = of(shop, *arguments)
    assert done.exit_code == 0
    for said in ("rows read", "172.49", "every row and event is accounted for"):
        assert said in done.output
    assert "amount" in (shop.folder / "tracking_plan" / "shop.toml").read_text()
    again = json.loads(of(shop, *arguments, "--json").stdout)
    assert again["events"] == {"received": 6, "stored": 0, "duplicate": 6, "quarantined": 0}


def test_run_says_what_it_did(shop: Shop) -> None:
    """Where the clock stands, how many people, how many changes."""
    done = of(shop, "run", "--until", "2024-03-01")
    assert done.stdout.startswith("As of 2024-03-01 00:00:00 +00:00: 4 people, ")
    late = of(shop, "run", "--until", "2024-09-01")
    assert "--until last" in late.stderr


def test_status_balances(ran: Shop) -> None:
    """What was received is what became of it."""
    assert "9 = 9 stored + 0 duplicate + 0 quarantined + 0 erased" in of(ran, "status").output


def test_erase_asks_first(ran: Shop) -> None:
    """Without a terminal it needs --yes; then the person is gone, and that is proven."""
    assert of(ran, "erase", "ann").exit_code == 2
    done = of(ran, "erase", "ann", "--yes")
    assert done.exit_code == 0
    assert "nothing is left" in done.output
    assert of(ran, "profile", "ann").exit_code == 1


def test_definitions_in_three_forms(shop: Shop) -> None:
    """English by default; YAML and JSON read back."""
    from coterie.language.codec import from_json, from_yaml

    assert "best" in of(shop, "definitions").output
    read = from_json(of(shop, "definitions", "--json").stdout)
    assert read.by_name == from_yaml(of(shop, "definitions", "--yaml").stdout).by_name
    assert set(read.by_name) == set(shop.project.library.names)


def test_sql_and_plan_are_printed(shop: Shop) -> None:
    """The SQL of a definition, and the tracking plan as a data dictionary."""
    assert "SELECT" in of(shop, "sql", "spend").output
    assert "| `amount` | decimal(2) |" in of(shop, "plan").output


BROKEN = ORDERS + "fay,not a date,f1,1\n"


def test_quarantine_is_listed_mended_and_imported(tmp_path: Path) -> None:
    """A row that cannot be an event is seen, exported, mended, and then counted."""
    shop = Shop(tmp_path).imported(BROKEN)
    listed = of(shop, "quarantine", "list").output
    assert "bad_instant" in listed
    assert "fay" not in listed
    (row,) = shop.project.quarantine.list()
    assert "fay" in of(shop, "quarantine", "show", row.id).output
    out = tmp_path / "mend.csv"
    assert "1 row in" in of(shop, "quarantine", "export", out).output
    out.write_text(out.read_text().replace("not a date", "2024-02-01T00:00:00Z"))
    assert "0 refused again" in of(shop, "quarantine", "fix", out).output
    assert "nothing is in quarantine" in of(shop, "quarantine", "list").output
    assert shop.project.people.known("fay") == shop.person("fay")
    assert shop.project.status().balanced


def test_quarantine_is_tried_again_as_it_is(tmp_path: Path) -> None:
    """What is still wrong stays, and is counted once."""
    shop = Shop(tmp_path).imported(BROKEN)
    assert "1 row tried again, 1 refused again" in of(shop, "quarantine", "replay").output
    assert shop.project.status().quarantined == 1


@pytest.mark.parametrize(
    "command",
    [
        "profile nobody", "why ann bests", "segments --at yesterday", "export spend",
        "export active --format exel", "run --until 2020-01-01", "sql nothing",
        "quarantine show x", "export active --ids nothing.csv:id", "import nothing.csv --yes",
    ],
)  # fmt: skip
def test_errors_are_told_without_a_traceback(ran: Shop, command: str) -> None:
    """What is wrong comes first, on the other stream; the status is 1."""
    done = of(ran, *command.split())
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.output
    assert "nobody" not in done.stderr.replace("nobody is known", "")


def test_wrong_definitions_are_told_with_their_place(ran: Shop) -> None:
    """File, line, and the nearest right name."""
    ran.define(DEFINITIONS.replace('"Order Completed"', '"Order Complete"'))
    done = of(ran, "segments")
    assert done.exit_code == 1
    assert "definitions.py:" in done.stderr
    assert "did you mean 'Order Completed'?" in done.stderr


@pytest.mark.parametrize("command", ["segment", "run --untl now", "profile", "export"])
def test_misuse_exits_2(ran: Shop, command: str) -> None:
    """A command, option or argument that is not there."""
    assert of(ran, *command.split()).exit_code == 2


def test_project_is_named_before_or_after_the_command(ran: Shop) -> None:
    """Or it is where the user stands."""
    ran.project.close()
    before = coterie("-p", ran.folder, "status").output
    assert coterie("status", "-p", ran.folder).output == before
    assert coterie("status", "--project", ran.folder / "tracking_plan").output == before


def test_interrupt_is_no_traceback(ran: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a run says so, and the former answer stands."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "answer", interrupted)
    done = of(ran, "run", "--until", "2024-03-02")
    assert done.exit_code == 130
    assert "stopped" in done.stderr
    assert "4 people" in of(ran, "segments").output


def test_init_says_what_comes_next(tmp_path: Path) -> None:
    """The files that it wrote, and the commands to type."""
    done = coterie("init", tmp_path / "new", "--recipe", "retail", "--zone", "Europe/London")
    assert done.exit_code == 0
    assert "definitions.py" in done.output
    assert "coterie import" in done.output
    assert coterie("init", tmp_path / "new").exit_code == 1
