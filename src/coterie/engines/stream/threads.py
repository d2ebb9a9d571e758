"""Partitions worked on beside each other: the first by whoever asks, each other in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait


class Threads:
    """One thread less than there are partitions, waiting for work.

    Parameters
    ----------
    partitions : int
    """

    def __init__(self, partitions: int) -> None:
        self._pool = ThreadPoolExecutor(partitions - 1) if partitions > 1 else None

    def each(self, work: Callable[[int], None], parts: Sequence[int]) -> None:
        """Do something with each of these partitions, all at once; it is over when all are."""
        if self._pool is None or len(parts) < 2:
            for i in parts:
                work(i)
            return
        beside = [self._pool.submit(work, i) for i in parts[1:]]
        try:
            work(parts[0])
        finally:
            wait(beside)
        for each in beside:
            each.result()
