"""What the measurements share: events to ask about, interleaved rounds, results kept as data.

Importing it keeps this process, its threads and its children on ``CORES`` processors (2), before
any library counts them.
"""

import os

CORES = int(os.environ.get("CORES", "2"))
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
os.environ["POLARS_MAX_THREADS"] = str(CORES)
