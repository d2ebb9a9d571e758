"""Places in arrays as kernels give them: none is negative, so none is counted from the end.

Numba asks of each place whether it is, at each access, as Python does. It rests on Numba's inner
workings; where those are others than expected, its own way is taken. Other people's functions keep
theirs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

OWN = __name__.rpartition(".")[0]


def unwrap() -> None:
    """Let whatever is compiled of this package take places as they are."""
    arrays: Any = import_module("numba.np.arrayobj")
    types: Any = import_module("numba").types
    given: Any = getattr(arrays, "fix_integer_index", None)

    def fixed(context: Any, builder: Any, kind: Any, place: Any, size: Any) -> Any:
        if not context.fndesc.modname.startswith(OWN):
            return given(context, builder, kind, place, size)
        return context.cast(builder, place, kind, types.intp)

    if given is not None:
        arrays.fix_integer_index = fixed
