"""Processes of tests that are copies of one which has everything imported are as any others."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.support.nursery import Begun, ended, script


def said(text: str, *arguments: object) -> str:
    """What a script prints that ends well."""
    with script(text, *arguments) as begun:
        told, aside = begun.communicate(60)
    assert (begun.returncode, aside) == (0, "")
    return told


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os; os._exit(9)", 9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("1 / 0", 1),
    ],
)
def test_it_ends_as_it_would_have_ended(text: str, code: int) -> None:
    """With its own code, a signal's number below zero, or 1 where it failed."""
    assert ended(text) == code


def test_it_is_given_what_was_asked_for(tmp_path: Path) -> None:
    """Arguments, folder and environment are its own; it is nobody's module."""
    shown = "import os, sys; print(sys.argv, os.getcwd(), os.environ.get('OF'), __name__)"
    with Begun(["-c", shown, "a b"], tmp_path, os.environ | {"OF": "shop"}) as begun:
        told, _ = begun.communicate(60)
    assert told == f"['-c', 'a b'] {tmp_path} shop __main__\n"


def test_it_begins_anew() -> None:
    """Nothing of another is left in it, and chance is its own."""
    assert said("import coterie; coterie.left = 1; print('left')") == "left\n"
    assert said("import coterie; print(hasattr(coterie, 'left'))") == "False\n"
    assert said("import random; print(random.random())") != said(
        "import random; print(random.random())"
    )


def test_command_is_what_runs(tmp_path: Path) -> None:
    """What is not a script is typed after `coterie`; what it says aside goes where it should."""
    with (tmp_path / "aside").open("w") as aside:
        begun = Begun(["status", "--json"], tmp_path, os.environ, aside)
    with begun:
        assert begun.communicate(60)[0] == ""
    assert begun.returncode == 1
    assert (tmp_path / "aside").read_text().startswith("error: ")


def test_signals_reach_it() -> None:
    """It ends when it is asked to, and is known to run until then."""
    with script("import time; print('here', flush=True); time.sleep(600)") as begun:
        assert begun.stdout.readline() == "here\n"
        assert begun.poll() is None
        begun.terminate()
    assert begun.poll() == -signal.SIGTERM
