"""Functions that only kernels call: compiled into the kernels, and to nothing of their own.

Numba would optimise each of them and make it callable from Python and C, though it is but a part
of the kernels, which are optimised as a whole. Leaving that out halves a first start. It rests on
Numba's inner workings; where those are others than expected, its own way is taken.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def inner(made: Any) -> None:
    """Let a dispatcher give only what callers link."""
    compiler, context = made._compiler, made.targetctx
    own, found = compiler._customize_flags, dict[Any, Any]()
    sigutils = import_module("numba.core.sigutils")
    lock = import_module("numba.core.compiler_lock").global_compiler_lock

    def flags(wanted: Any) -> Any:
        wanted = own(wanted)
        wanted.no_compile = wanted.no_cpython_wrapper = wanted.no_cfunc_wrapper = True
        return wanted

    def compile_(signature: Any) -> Any:
        args, result = sigutils.normalize_signature(signature)
        if args not in found:
            with lock:
                made_ = compiler.compile(args, result)
                _only_linked(made_.library)
                key = object()
                context.insert_user_function(key, made_.fndesc, [made_.library])
                made.overloads[args], found[args] = made_, key
        return found[args]

    compiler._customize_flags = flags
    made.compile = made.get_overload = compile_


def _only_linked(library: Any) -> None:
    """Neither optimise a library by itself nor make machine code of it."""

    def finalize() -> None:
        library._finalize_dynamic_globals()
        library._finalized = True

    library._optimize_final_module = lambda: None
    library._finalize_final_module = finalize
