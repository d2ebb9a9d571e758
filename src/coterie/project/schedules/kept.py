"""What came of each schedule's last firing, kept beside the stores."""

from __future__ import annotations

from pathlib import Path

import msgspec

FILE = "schedules.json"


class Outcome(msgspec.Struct, frozen=True):
    """One firing: the instant it was due, when it was done (microseconds UTC), what came of it."""

    at: int
    done_at: int
    said: str


def outcomes(data: Path) -> dict[str, Outcome]:
    """Schedule -> its last firing; nothing before the first."""
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=dict[str, Outcome])
    except FileNotFoundError:
        return {}


def keep(data: Path, said: dict[str, Outcome]) -> None:
    """Add these to what is kept, at once or not at all."""
    fresh = data / f"{FILE}.new"
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(outcomes(data) | said)))
    fresh.replace(data / FILE)
