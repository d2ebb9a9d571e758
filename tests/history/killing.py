"""Runs of a project in processes that are killed at a chosen write; started by `test_killed`.

Reads lines ``FOLDER SITE`` and answers each with how the run ended: the name of the site at which
it was killed, or ``whole`` where it has fewer sites. A site is a place where the disk is about to
change or has just changed: an SQL statement that writes, a Parquet file, a commit of a Delta
table, a file opened for writing, made, renamed, synced or removed.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import deltalake
import pyarrow.parquet as pq

from coterie.project import Project
from coterie.storage import sqlite
from tests.support import early  # noqa: F401

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "shutil.rmtree"}
STATEMENTS = ("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT")


class Sites:
    """Counts the sites of this process, and ends it at one of them, as the kernel does."""

    def __init__(self, last: int, answer: int) -> None:
        self.left = last
        self._answer = answer

    def passed(self, site: str) -> None:
        self.left -= 1
        if self.left == 0:
            os.write(self._answer, site.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Make both sides of a call a site."""
        whole: Callable[..., Any] = getattr(owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.passed(f"before {name}")
            result = whole(*arguments, **named)
            self.passed(f"after {name}")
            return result

        setattr(owner, name, call)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
            self.passed(f"open {Path(str(arguments[0])).name}")
        elif event in CHANGES:
            self.passed(f"{event} {Path(str(arguments[0])).name}")

    def connect(self, *arguments: Any) -> sqlite3.Connection:
        connection = CONNECT(*arguments)
        connection.set_trace_callback(self.statement)
        return connection

    def statement(self, text: str) -> None:
        if text.lstrip().startswith(STATEMENTS):
            self.passed(" ".join(text.split()[:3]))

    def install(self) -> None:
        sqlite.connect = self.connect  # type: ignore[assignment]
        for owner, name in (
            (os, "fsync"),
            (pq.ParquetWriter, "write_table"),
            (pq.ParquetWriter, "close"),
            (deltalake.DeltaTable, "create"),
            (deltalake.DeltaTable, "create_write_transaction"),
            (deltalake.DeltaTable, "create_checkpoint"),
            (deltalake.DeltaTable, "cleanup_metadata"),
        ):
            self.around(owner, name)
        sys.addaudithook(self.audit)


CONNECT = sqlite.connect


def run(folder: Path) -> None:
    """What the tests have killed."""
    with Project(folder, clock=lambda: datetime(2024, 3, 16, tzinfo=UTC)) as project:
        project.run("2024-03-16", note="wider", author="Ada")


def killed(folder: Path, site: int) -> str:
    """Run in a child of this process, which is gone at the site."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            Sites(site, write).install()
            run(folder)
        except BaseException as error:  # noqa: BLE001 - the parent is told, whatever it is
            os.write(write, f"failed: {error!r}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said or "whole"


if __name__ == "__main__":
    for line in sys.stdin:
        folder, _, site = line.strip().rpartition(" ")
        print(killed(Path(folder), int(site)), flush=True)
