"""Contenders in processes of their own, which answer one line with one line of JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Child:
    """A process that stays, warm and still, between its turns.

    Parameters
    ----------
    command : sequence of str or Path
    errors : Path
        Where it writes what went wrong.
    """

    def __init__(self, command: Sequence[str | Path], errors: Path) -> None:
        self._errors = errors
        self._process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors.open("w"), text=True,
        )  # fmt: skip

    def ask(self, *words: object) -> dict[str, Any]:
        """Its answer to a line.

        Raises
        ------
        SystemExit
            It ended instead.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a peer ended: nothing was measured\n{self._errors.read_text()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
