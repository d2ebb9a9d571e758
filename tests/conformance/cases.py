"""The one case table that every engine runs: definitions, a history, and values found by hand.

Expected values are in engine form: integers and decimals in units at the scale of their type,
instants in microseconds, unknown as None. They follow from the laws and were not copied from any
engine's output.
"""

from __future__ import annotations

from tests.conformance.case import PLAN, Case, Expected, library_of
from tests.conformance.table import (
    ages,
    aggregates,
    exact,
    fitted,
    logic,
    ordered,
    selections,
    stages,
    texts,
)

CASES: tuple[Case, ...] = (
    *aggregates.CASES,
    *selections.CASES,
    *ordered.CASES,
    *exact.CASES,
    *logic.CASES,
    *texts.CASES,
    *ages.CASES,
    *stages.CASES,
    *fitted.CASES,
)

__all__ = ["CASES", "PLAN", "Case", "Expected", "library_of"]
