"""The language live: every definition kept current as events arrive and as time passes."""

from coterie.engines.stream.engine import StreamEngine

__all__ = ["StreamEngine"]
