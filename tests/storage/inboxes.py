"""Requests for an inbox."""

from __future__ import annotations

KEY = bytes(range(32))


def row(n: int, size: int = 20) -> tuple[str, str, int, bytes]:
    """One request, of about so many bytes."""
    return "web", "track", 1_700_000_000_000_000 + n, f"{n:0{size}d}".encode()


def rows(start: int, n: int) -> list[tuple[str, str, int, bytes]]:
    """Some requests."""
    return [row(start + i) for i in range(n)]
