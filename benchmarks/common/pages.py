"""Serves a project whose time goes on where its last run stands: ``pages.py FOLDER PORT``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.clock import Faster
from coterie.server.serving import serve

HOST = "127.0.0.1"


def main(folder: Path, port: int) -> None:
    """Serve it until a signal says to stop."""
    with Project(folder) as project:
        start = from_micros(project.answers.last_run().clock)
    clock = Faster(start, 1.0, time.monotonic)
    with Project(folder, clock=clock) as project:
        serve(project, HOST, port, print, lambda error: print(error, file=sys.stderr))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
