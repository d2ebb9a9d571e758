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


def outer(made: Any) -> None:
    """Let a kernel's own copy of what it calls be its own: what no call uses is then left out.

    An array is seven arguments of every call, of which the functions use one.
    """
    compiler = made._compiler
    given: Any = compiler.pipeline_class

    class Pipeline(given):  # type: ignore[misc]
        def __init__(self, typing: Any, target: Any, library: Any, *rest: Any) -> None:
            if library is None:
                library = target.codegen().create_library(made.py_func.__qualname__)
                library.enable_object_caching()
                _keep_to_itself(library)
            super().__init__(typing, target, library, *rest)

    compiler.pipeline_class = Pipeline


def _keep_to_itself(library: Any) -> None:
    optimize = library._optimize_final_module

    def internal() -> None:
        for function in library._final_module.functions:
            if not function.is_declaration and function.linkage.name == "linkonce_odr":
                function.linkage = "internal"
        optimize()

    library._optimize_final_module = internal


def _only_linked(library: Any) -> None:
    """Neither optimise a library by itself nor make machine code of it."""

    def finalize() -> None:
        library._finalize_dynamic_globals()
        library._finalized = True

    library._optimize_final_module = lambda: None
    library._finalize_final_module = finalize
