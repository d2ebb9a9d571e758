"""Who is at the keyboard, for the record of what they changed."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from pathlib import Path


def author(folder: Path) -> str:
    """The name that git knows its user by, else their address there, else their login."""
    return _git(folder, "user.name") or _git(folder, "user.email") or _login()


def _git(folder: Path, setting: str) -> str:
    program = shutil.which("git")
    if program is None:
        return ""
    command = [program, "-C", str(folder), "config", "--get", setting]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - fixed words
    return done.stdout.decode(errors="replace").strip()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return ""
