"""The demonstration served: a shop whose people go on shopping, by a faster clock."""

from __future__ import annotations

import time

from coterie.cli.session import failed, say
from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.clock import Faster
from coterie.project.demo import Made

HOST = "127.0.0.1"


def demonstrate(made: Made, speed: float, port: int) -> None:
    """Serve a made shop until Ctrl-C, while the events to come arrive over HTTP."""
    from coterie.server.serving import serve
    from coterie.server.visitors import Visitors

    clock = Faster(from_micros(made.project.now()), speed, time.monotonic)
    with Project(made.project.folder, clock=clock) as project:
        keys = {name: project.sources.add(name)[1] for name in {e.source for e in made.coming}}
        visitors: list[Visitors] = []

        def started(address: str) -> None:
            name = project.folder.name
            say(f"\nServing {name} at {address}: open it in a browser.")
            say(f"Its people go on shopping, {speed:g} seconds in a second. Ctrl-C ends it.")
            say(f"Who enters and leaves, as it happens: coterie watch -p {name}")
            visitors.append(Visitors(made.coming, keys, address, project.now))
            visitors[0].start()

        try:
            serve(project, HOST, port, started, failed)
        finally:
            for each in visitors:
                each.end()
