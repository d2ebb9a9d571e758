"""A project that is served by a process of its own, and requests to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from coterie.project import Project
from coterie.project.folder import create
from coterie.project.receiving import drained
from tests.support.nursery import Begun
from tests.support.ports import free_port

PLAIN = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
PLAN = """\
version = 1
[events."Order Completed".properties]
revenue = { type = "decimal", scale = 2, required = true }
coupon = { type = "text" }
"""
PATIENCE = 180.0
"""Seconds until something that should come never does: only a failure takes them."""


class Reply(NamedTuple):
    """What a request was answered with."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body's meaning."""
        return json.loads(self.body)

    @property
    def rejected(self) -> list[tuple[str, str]]:
        """Path and reason of each message that was refused."""
        return [(one["path"], one["reason"]) for one in self.json.get("rejected", [])]


class Served:
    """A project in a folder, its source's write key, and the server, while it runs."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.folder = folder / "shop"
        create(self.folder)
        (self.folder / "tracking_plan" / "shop.toml").write_text(PLAN)
        with (self.folder / "coterie.toml").open("a") as file:
            file.write(settings)
        with Project(self.folder) as project:
            _, self.key = project.sources.add("web")
        self.port = free_port()
        self.process: Begun | subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where clients send to."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *before: str) -> Served:
        """Start the server, under another command where one is given, until it listens."""
        asked = ["serve", "--role", "collect", "--port", str(self.port)]
        if before:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-c", "from coterie.cli.main import run; run()", *asked],
                cwd=self.folder, env=os.environ | PLAIN, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        else:
            self.process = Begun(asked, self.folder, os.environ | PLAIN)
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said.startswith("collecting at"), said + self.ended()[1]
        return self

    def stop(self) -> int:
        """Ask the server to stop, and return its code once it has."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return 0 if self.process is None else self.ended()[0]

    def kill(self) -> None:
        """End the server at once, as a power cut would end it."""
        assert self.process is not None
        self.process.kill()
        self.ended()

    def ended(self) -> tuple[int, str]:
        """The code with which the server ended, and what it said of it."""
        assert self.process is not None
        process, self.process = self.process, None
        with process:
            try:
                _, said = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return process.returncode, said

    def post(
        self, route: str, body: Any, *, key: str | None = None, method: str = "POST",
        timeout: float = PATIENCE, **headers: str,
    ) -> Reply:  # fmt: skip
        """One request in a connection of its own; `body` is bytes, or becomes JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        said = {"authorization": basic(self.key if key is None else key)} if key != "" else {}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, route, sent, said)
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, found, reply.read())
        finally:
            connection.close()

    def status(self) -> dict[str, Any]:
        """What `coterie status` says, after what was acknowledged got its fate."""
        with Project(self.folder) as project:
            self._drained(project)
            return json.loads(project.status().as_json())

    def _drained(self, project: Project) -> None:
        with project.writing() as stores:
            drained(project, stores)

    def stored(self) -> list[Any]:
        """Every event of the log, after what was acknowledged got its fate."""
        with Project(self.folder) as project:
            self._drained(project)
            entries = project.stores.log.read(0, 1_000_000, "event")
            return [entry.event for entry in entries]

    def message_ids(self) -> list[str]:
        """The id of every event of the log, in order."""
        return [event.message_id for event in self.stored()]


def basic(key: str) -> str:
    """The header of Segment's authentication."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


def until(holds: Any, seconds: float = PATIENCE) -> None:
    """Wait until something holds; fail where it never does.

    Most of the time is left to what is waited for: asking may be dear.
    """
    asked = time.monotonic()
    end = asked + seconds
    while not holds():
        now = time.monotonic()
        assert now < end, "it never came"
        time.sleep(min(max(0.01, 3 * (now - asked)), 0.5))
        asked = time.monotonic()


def track(n: int | str, **more: Any) -> dict[str, Any]:
    """A message."""
    return {
        "type": "track", "event": "Looked", "messageId": f"m{n}", "userId": f"u{n}",
        "timestamp": "2026-01-02T03:04:05Z", **more,
    }  # fmt: skip
