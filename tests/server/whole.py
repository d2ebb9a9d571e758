"""A project that is served with any roles, each in a process of its own, and requests to them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from coterie.project import Project
from coterie.project.folder import create
from tests.server.served import PATIENCE, PLAIN, Reply, basic, until
from tests.support.nursery import Begun
from tests.support.ports import free_port

PLAN = """\
version = 1
[events."Order Completed".properties]
revenue = { type = "decimal", scale = 2, required = true }
note = { type = "text" }
"""
DEFINITIONS = """\
from coterie import event, segment, stages, trait

order = event("Order Completed")
orders = trait(order.count())
spend = trait(order.sum("revenue"))

vip = segment(spend > 100, purpose="analytics")
mailed = segment(orders >= 1, purpose="marketing")
loyalty = stages({"regular": orders >= 2, "new": orders >= 1}, otherwise="none")
"""


class Process:
    """One `coterie serve`, until it is stopped."""

    def __init__(self, folder: Path, *options: str, log: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.log = log
        command = ["serve", "--port", str(self.port), *options]
        with log.open("w") as said:
            self.process = Begun(command, folder, os.environ | PLAIN, said)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert " at http://" in said, said + log.read_text()

    def ready(self) -> Process:
        """Wait until every role does its work."""
        until(lambda: self.get("/ready").status == 200)
        return self

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """One request in a connection of its own; `_` of a header's name is `-`."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with closing(line) as connection:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, sent)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, found, reply.read())

    def get(self, path: str, **headers: str) -> Reply:
        """What a route answers."""
        return self.ask("GET", path, **headers)

    def stop(self) -> int:
        """Ask it to stop, and return its code once it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with self.process:
            try:
                self.process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]


class Whole:
    """A project in a folder, its keys, and the processes that serve it."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.folder = folder / "shop"
        create(self.folder)
        (self.folder / "tracking_plan" / "shop.toml").write_text(PLAN)
        (self.folder / "definitions.py").write_text(DEFINITIONS)
        with (self.folder / "coterie.toml").open("a") as file:
            file.write(settings)
        with Project(self.folder) as project:
            _, self.key = project.sources.add("web")
            _, self.token = project.tokens.add("operator")
            _, self.limited = project.tokens.add("shop", "analytics")
        self.processes: list[Process] = []

    def serve(self, *options: str) -> Process:
        """Start a process."""
        log = self.folder.parent / f"log-{len(self.processes)}"
        self.processes.append(Process(self.folder, *options, log=log))
        return self.processes[-1]

    def send(self, process: Process, *messages: dict[str, Any]) -> None:
        """Have messages accepted."""
        body = json.dumps({"batch": messages}).encode()
        reply = process.ask("POST", "/v1/batch", body, authorization=basic(self.key))
        assert (reply.status, reply.json) == (200, {"success": True})

    def stop(self) -> list[int]:
        """Stop whatever runs."""
        return [each.stop() for each in self.processes if each.process.poll() is None]


def order(n: int | str, person: str, revenue: float, **more: Any) -> dict[str, Any]:
    """A message of an order, as it comes."""
    properties = {"revenue": revenue} | more.pop("properties", {})
    return {
        "type": "track", "event": "Order Completed", "messageId": f"m{n}", "userId": person,
        "properties": properties, **more,
    }  # fmt: skip
