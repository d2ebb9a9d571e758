"""Making a model that was fitted elsewhere the active one: an entry of the log, as refits are."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.engines.fits import Fit
from coterie.errors import ClockError
from coterie.profiles import fitting
from coterie.profiles.stores import Stores
from coterie.storage import ledger

_JSON = msgspec.json.Encoder(order="deterministic")


def activate(
    stores: Stores, model: str, parameters: dict[str, Any], *, author: str = "", note: str = ""
) -> Fit:
    """The version of a model's parameters that is active from the clock on.

    Parameters
    ----------
    stores : Stores
        Nobody else writes to them meanwhile.
    model : str
        As `cluster` and `predict` name it.
    parameters : dict
        See :mod:`coterie.engines.models`.
    author, note : str
        Who activated it, and what they say about it: kept with the entry.

    Raises
    ------
    ClockError
        The clock has not begun.

    Notes
    -----
    Parameters that are active already are no new version.
    """
    log, kept = stores.log, stores.ledger
    at = log.clock()
    if at is None:
        raise ClockError(
            "a model needs an instant from which it is active, and the clock has not begun",
            where=model, hint="type: coterie run",
        )  # fmt: skip
    active = fitting.stored(kept, log.end()).active(model, log.end(), at)
    if active is not None and active.parameters == parameters:
        return active
    said = {"node": model, "parameters": parameters, "author": author, "note": note}
    offset = log.append("model", at, _JSON.encode(said))
    kept.add_fit(ledger.Fit(offset=offset, at=at, node=model, parameters=parameters))
    return Fit(model, offset, at, parameters)
