"""A throw-away PostgreSQL server, started from whatever version the machine has installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["bin_folder", "running_server"]

_PORT = 5432  # only names the socket file: the server listens on no network address
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


def bin_folder() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: the newest version installed, or None."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: float(path.parts[-3]),
    )
    if versions:
        return versions[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def running_server(programs: Path) -> Iterator[dict[str, str | int]]:
    """Run a server until the block ends; yields the arguments of `ibis.postgres.connect`."""
    account = _account()
    # Not pytest's folder: that one is closed to other accounts, and a socket's path is short.
    with tempfile.TemporaryDirectory(prefix="coterie-pg-") as name:
        folder = Path(name)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data, log = str(folder / "data"), str(folder / "log")
        _run(account, programs / "initdb", "-D", data, *_INITDB)
        settings = {**_SETTINGS, "unix_socket_directories": name}
        options = " ".join(f"-c {key}='{value}'" for key, value in settings.items())
        control = (programs / "pg_ctl", "-D", data, "-w")
        _run(account, *control, "-l", log, "-o", f"-p {_PORT} {options}", "start")
        try:
            yield {"host": name, "port": _PORT, "user": "coterie", "database": "postgres"}
        finally:
            _run(account, *control, "-m", "immediate", "stop")


_INITDB = (
    "--locale=C",
    "--encoding=UTF8",
    "--username=coterie",
    "--auth=trust",
    "--no-sync",
    "--no-instructions",
)


def _account() -> pwd.struct_passwd | None:
    """Whom to run the server as: PostgreSQL refuses root, so root lends another account."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _run(account: pwd.struct_passwd | None, program: Path, *arguments: str) -> None:
    """Run one PostgreSQL program; what it said is in the error when it fails."""
    # Output goes to a file: the server inherits it, and a pipe would stay open while it runs.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [program, *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077,
        )
        if done.returncode:
            said.seek(0)
            message = said.read().decode(errors="replace")
            raise RuntimeError(f"{program.name} failed ({done.returncode}):\n{message}")
