"""Work that a stream has done beside its steps, so that no event waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from coterie.profiles.stores import Stores

Work = Callable[[Stores], None]


class Aside:
    """A thread that does one piece of work at a time, by stores of its own; a context manager.

    Parameters
    ----------
    stores : callable
        A context with log, lake and ledger of the thread's own: those of a stream are its own too.

    Notes
    -----
    While it is busy, the process keeps the project's write lock: another writer would meet half of
    what is done here.
    """

    def __init__(self, stores: Callable[[], AbstractContextManager[Stores]]) -> None:
        self._stores = stores
        self._pool = ThreadPoolExecutor(1, "coterie-aside")
        self._doing: Future[None] | None = None

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown()

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._doing is not None and not self._doing.done()

    def start(self, work: Work) -> None:
        """Begin with a piece of work, after the one before."""
        self.wait()
        self._doing = self._pool.submit(self._do, work)

    def finished(self) -> bool:
        """Whether something was done since this was asked last; raises what ended it."""
        if self._doing is None or self.busy:
            return False
        self.wait()
        return True

    def wait(self) -> None:
        """Wait until nothing is being done; raises what ended it."""
        doing, self._doing = self._doing, None
        if doing is not None:
            doing.result()

    def _do(self, work: Work) -> None:
        with self._stores() as stores:
            work(stores)
