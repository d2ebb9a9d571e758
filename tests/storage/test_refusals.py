"""The newest refusal of each source is found without reading the others."""

from __future__ import annotations

from pathlib import Path

from coterie.storage.ledger import Ledger, Refused
from coterie.storage.refusals import Refusal, newest


def refused(number: int, source: str, reason: str, at: int) -> Refused:
    return Refused(
        id=f"r{number}", source=source, file="f", row=number, reason=reason, detail="",
        sealed=b"", at=at,
    )  # fmt: skip


def test_newest_refusal_of_each_source(tmp_path: Path) -> None:
    """Its reason and instant; of several at once, one; nothing for an empty quarantine."""
    with Ledger(tmp_path / "ledger.db") as ledger:
        assert newest(ledger) == {}
        ledger.quarantine([
            refused(1, "web", "type", 5), refused(2, "web", "future", 7),
            refused(3, "shop", "missing", 3), refused(4, "shop", "bound", 3),
        ])  # fmt: skip
        assert newest(ledger) == {"web": Refusal("future", 7), "shop": Refusal("bound", 3)}
