"""Kernels made ready before they are needed: nothing compiles while events wait."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np

from coterie.engines.stream import kernels, lateness, rewinding
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiled import COMPILED
from coterie.engines.stream.compiler import compile_
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.people import People
from coterie.engines.stream.texts import Texts
from coterie.language.library import Library


@contextmanager
def preparing(library: Library) -> Iterator[None]:
    """Meanwhile, in a thread, have every kernel compiled or read from disk.

    Those that a stream begins with are compiled by whoever calls them first; this sees to those
    that it would meet later, as the first late event does.
    """
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(prepare, library) if COMPILED else None
        yield
        if done is not None:
            done.result()


def prepare(library: Library) -> None:
    """Call every kernel for nobody, unless all of them were called before."""
    texts = Texts()
    part = Partition(compile_(library, texts), texts, np.zeros(1, np.int64), _nobody, 0)
    part.enroll(1)
    stateful, stateless = _calls(part)
    if all(kernel.overloads for kernel in (*stateful, *stateless)):
        return
    for kernel, rest in stateful.items():
        part.call(kernel, *rest)
    for kernel, rest in stateless.items():
        part.call(kernel, *rest, stateful=False)
    People(2).known("nobody")


def _calls(part: Partition) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Every kernel with what it takes beside the memory: with the tables of texts, and without."""
    none, rows, wheel, records = np.zeros(1, np.int64), part.rows, part.wheel, part.records
    stateful = {
        kernels.live: (rows, wheel, none[:0], records, 0, 0, 0),
        kernels.force: (rows, wheel, none, records, none, 0, 0, 0),
        kernels.fold: (rows, none, 0, 0),
        lateness.catch_up: (rows, wheel, none, records, none, 0, 0, 0),
        kernels.settle: (rows, wheel, none, records, none, 0, 0, 0),
        kernels.answer: (rows, none, none, none, 0, 0, 0),
        kernels.answer_one: (rows, none, none, 0, 0),
        kernels.ripen: (rows, none, 0, 0, 0),
    }
    stateless = {
        kernels.enroll: (rows, 0, 0),
        kernels.vanish: (rows, records, none, 0, 0, 0),
        kernels.clear_all: (rows, none[:0]),
        kernels.evict: (none[:0],),
        kernels.graft: (rows, none, none, none, 0, 0),
        kernels.soonest: (rows, wheel),
        rewinding.keep: (rows, none, none, 0, 0),
        rewinding.bring_back: (rows, none, none, none, 0, 0),
    }
    return stateful, stateless


def _nobody(part: Partition, rows: Words) -> None:
    """There are no records to take."""
