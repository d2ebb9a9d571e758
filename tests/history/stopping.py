"""A run of a project whose question never ends; started and interrupted by `test_stopped`."""

from __future__ import annotations

import signal
import sys
from typing import Any

from coterie.cli.main import app
from coterie.profiles.run import Run


def endless(run: Run, *arguments: object) -> Any:
    """What takes a database for ever, in one statement."""
    with run.lake.connect() as con:
        print("asking", flush=True)
        con.sql(
            "SELECT count(*) FROM range(1000000000) AS a(i), range(1000000000) AS b(j) "
            "WHERE hash(i * j) = 3"
        ).to_arrow_table()
    raise AssertionError("nobody interrupted it")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits none
    Run.answer = endless  # type: ignore[method-assign]
    app(["-p", sys.argv[1], "run", "--until", "2024-03-16"])
