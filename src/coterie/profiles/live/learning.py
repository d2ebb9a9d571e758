"""Learning what models rest on, from the values that the stream has of everyone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import msgspec

from coterie.engines.fits import fit
from coterie.profiles.live.host import Host

_JSON = msgspec.json.Encoder(order="deterministic")


def missing(host: Host) -> set[str]:
    """The fit keys of which no version is active, though somebody is there to learn from."""
    if not host.engine.sizes()["people"]:
        return set()
    keys = (key for level in host.questions.levels for key in level)
    return {key for key in keys if _active(host, key) is None}


def learn(host: Host, keys: Collection[str], tick: Callable[[int], None]) -> None:
    """Fit these from everyone at the clock, level by level; what is new becomes active there.

    Parameters
    ----------
    tick : callable
        Writes a tick at an instant, and follows the log to it.

    Notes
    -----
    Parameters that are as they were are no new version.
    """
    if not host.engine.sizes()["people"]:
        return
    for level in host.questions.levels:
        wanted = [key for key in level if key in keys]
        if wanted and activate(host, _learned(host, wanted)):
            tick(host.engine.clock)


def _learned(host: Host, keys: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    questions = host.questions
    names = {key: questions.input(key) for key in keys}
    values = host.values([*names.values()])
    for key, name in names.items():
        node, kind = questions.node(key), questions.asked.type(name)
        yield key, fit(node, kind, values[name].to_pylist())


def activate(host: Host, learned: Iterator[tuple[str, dict[str, Any]]]) -> int:
    """Enter new parameters into the log, all together, and return how many there were."""
    new = [
        {"node": key, "parameters": parameters}
        for key, parameters in learned
        if (active := _active(host, key)) is None or active.parameters != parameters
    ]
    if new:
        host.log.append("model", host.engine.clock, _JSON.encode({"fits": new}))
    return len(new)


def _active(host: Host, key: str) -> Any:
    return host.engine.fits.active(key, host.offset, host.engine.clock)
