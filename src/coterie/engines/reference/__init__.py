"""The language in plain Python: slow, obviously right, at any position."""

from coterie.engines.reference.evaluation import Evaluation, evaluate
from coterie.engines.reference.facts import Fact, Value, visible

__all__ = ["Evaluation", "Fact", "Value", "evaluate", "visible"]
