"""Work that a stream has done beside its steps, so that no event waits for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from coterie.language.plan import TrackingPlan
from coterie.profiles import transitions
from coterie.profiles.stores import Stores
from coterie.storage import sqlite
from coterie.storage.outbox import Moved, Outbox

Work = Callable[[], None]


class Aside:
    """A thread that does one piece of work at a time, by stores of its own; a context manager.

    Parameters
    ----------
    stores : callable
        A context with log, lake and ledger of the thread's own: those of a stream are its own too.
    move : callable
        Moves events to the lake, by a tracking plan.

    Attributes
    ----------
    moved : Moved or None
        Which records the lake has since this began.

    Notes
    -----
    While it is busy, the process keeps the project's write lock: another writer would meet half of
    what is done here.
    """

    def __init__(
        self,
        stores: Callable[[], AbstractContextManager[Stores]],
        move: Callable[[TrackingPlan], None],
    ) -> None:
        self._stores = stores
        self._move = move
        self._doing: Future[None] | None = None
        self.moved: Moved | None = None

    def __enter__(self) -> Aside:
        self._pool = ThreadPoolExecutor(1, "coterie-aside")
        self._doing, self.moved = None, None
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown()

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._doing is not None and not self._doing.done()

    def start(self, plan: TrackingPlan, settled: int, then: Work = lambda: None) -> None:
        """Begin to move events to the lake, then records, and to do what follows.

        Parameters
        ----------
        settled : int
            Records of log entries up to this offset are not needed in the outbox any more.
        """
        self.wait()
        self._doing = self._pool.submit(self._do, plan, settled, then)

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

    def _do(self, plan: TrackingPlan, settled: int, then: Work) -> None:
        self._move(plan)
        with self._stores() as stores:
            held, _ = transitions.move(stores.lake, Outbox(stores.ledger))
            self.moved = Moved(held, settled)
            for path in (stores.log.path, stores.ledger.path):
                sqlite.checkpoint(path)
        then()
