"""Publishing what the stream has of everyone, as the answer that readers see."""

from __future__ import annotations

from coterie.profiles import columns, state
from coterie.profiles.flushing import flush
from coterie.profiles.live.host import Host
from coterie.profiles.transitions import STREAM
from coterie.storage import ledger


def publish(host: Host, *, committed_at: int, n_changes: int) -> ledger.Run:
    """Keep everyone's values at the clock as a run of its own, which readers see from then on.

    Parameters
    ----------
    host : Host
        Stands at a tick that it has written itself: its offset is the run's.
    committed_at : int
        Microseconds UTC, now.
    n_changes : int
        Change records since the run before.

    Notes
    -----
    The run itself changes nobody: the stream's records hold each change at its own instant.
    """
    stores, questions = host.stores, host.questions
    asked, library, mark = questions.asked, questions.library, host.mark
    flush(stores, library.plan)
    host.facts.settle()
    units = host.engine.read(questions.names)
    answer = columns.table(units, {name: asked.type(name) for name in questions.names})
    former = host.ledger.last_run()
    state.write_state(host.lake, mark.offset, answer)
    run = ledger.Run(
        offset=mark.offset,
        clock=mark.clock,
        definitions_hash=library.hash(),
        committed_at=committed_at,
        counts={
            "offset": mark.offset,
            "version": host.version,
            "people": answer.num_rows,
            "changes": 0,
            "transitions": n_changes,
            "by": STREAM,
            "segments": list(library.segments),
            "stages": list(library.stages),
            "meanings": questions.meanings(),
            "author": "",
            "note": "",
        },
    )
    host.ledger.add_run(run)
    state.sweep(host.lake, keep={mark.offset, former.offset if former else mark.offset})
    return run
