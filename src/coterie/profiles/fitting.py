"""Fitting: what models learn from everyone, at each of several instants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.fits import Fit, Fits, fit
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.profiles.asking import Asking
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Position
from coterie.storage.ledger import Ledger

Activate = Callable[[str, int, dict[str, Any]], Fit]
"""Makes a version of parameters out of a fit key, an instant and the parameters."""


def stored(ledger: Ledger, offset: int) -> Fits:
    """The versions that the project keeps, as a reader at this offset knows them."""
    kept = (f for f in ledger.fits() if f.offset <= offset)
    return Fits(Fit(f.node, f.offset, f.at, f.parameters) for f in kept)


def adopted(
    ledger: Ledger, library: Library, names: Collection[str], known: Fits, at: Position
) -> Fits:
    """These fits, and for models that had no version at a position their first one since.

    What nobody could have learned by then is asked as if it had been adopted then.
    """
    first: dict[str, Fit] = {}
    for key, node in library.fitted(names).items():
        if isinstance(node, n.Cluster | n.Predict) and known.active(key, *at) is None:
            later = next((fit for fit in ledger.fits(key) if fit.offset > at.offset), None)
            if later is not None:
                first[key] = passing(key, at.t, later.parameters)
    return known.plus(first.values())


def passing(key: str, at: int, parameters: dict[str, Any]) -> Fit:
    """A version for one answer only, which nobody keeps."""
    return Fit(key, 0, at, parameters)


def fitted(
    questions: Questions,
    asking: Asking,
    names: tuple[str, ...],
    instants: Iterable[int],
    offset: Callable[[], int],
    known: Fits,
    *,
    activate: Activate = passing,
    again: bool | Collection[str] = False,
) -> Fits:
    """The fits that these definitions need at these instants: those known, and new ones.

    Parameters
    ----------
    instants : iterable of int
        Microseconds UTC.
    offset : callable
        The log offset to read at; asked anew before each level.
    known : Fits
    activate : callable
        What becomes of new parameters.
    again : bool or collection of str
        Fit anew where a version is active already: everything, or these fit keys.

    Notes
    -----
    A fit as of an instant learns from everyone who was known by then. Nodes fitted on other
    fitted values come after those.
    """
    instants = tuple(dict.fromkeys(instants))
    for level in questions.needed(names):
        at = offset()
        due = {
            t: [key for key in level if _again(key, again) or known.active(key, at, t) is None]
            for t in instants
        }
        wanted = [t for t in instants if due[t]]
        if not wanted:
            continue
        inputs = tuple(questions.input(key) for key in level)
        answers = asking.values(inputs, asking.everyone(at, wanted), known)
        for t in wanted:
            found = _learned(questions, due[t], answers.filter(pc.equal(answers["t"], t)))
            known = known.plus(activate(key, t, learned) for key, learned in found.items())
    return known


def _again(key: str, again: bool | Collection[str]) -> bool:
    return again if isinstance(again, bool) else key in again


def _learned(questions: Questions, keys: list[str], rows: pa.Table) -> dict[str, dict[str, Any]]:
    found = {}
    for key in keys:
        name = questions.input(key)
        values = rows[name].to_pylist()
        found[key] = fit(questions.node(key), questions.asked.type(name), values)
    return found
