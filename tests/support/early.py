"""What libraries import once they need it, imported now: a process that is copied has it then."""

from __future__ import annotations

import ibis.backends.duckdb
import pandas
import pyarrow.dataset

__all__ = ["ibis", "pandas", "pyarrow"]
