"""What a result depends on beside the code: the machine, its load, and versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = (
    "duckdb",
    "pyarrow",
    "polars",
    "pandas",
    "ibis-framework",
    "deltalake",
    "numpy",
    "numba",
    "scikit-learn",
)


def machine() -> dict[str, Any]:
    """Processor, cores in use, memory, load, and the versions of what is measured."""
    return {
        "processor": _named(Path("/proc/cpuinfo"), "model name") or platform.processor(),
        "cores_used": len(os.sched_getaffinity(0)),
        "cores": os.cpu_count(),
        "memory_gb": round(_kilobytes("MemTotal") / 1024**2, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
    }


def _named(file: Path, name: str) -> str:
    lines = file.read_text().splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _kilobytes(name: str) -> int:
    return int(_named(Path("/proc/meminfo"), name).split()[0])
