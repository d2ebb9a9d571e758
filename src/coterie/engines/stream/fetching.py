"""Asking for words before they are read: most of a kernel's time is waiting for memory."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from coterie.engines.stream.compiled import COMPILED, Memory, numba


def _fetch(M: Memory, at: int) -> None:
    """Begin to load the words around a place; nothing in plain Python."""


def _word(letters: Any, at: int) -> int:
    """Eight bytes as one word."""
    return int.from_bytes(bytes(letters[at : at + 8]), "little", signed=True)


def _place(builder: Any, target: Any, signature: Any, args: Any) -> Any:
    array = numba.np.arrayobj.make_array(signature.args[0])(target, builder, args[0])
    return builder.gep(array.data, [args[1]])


def _fetching(context: Any, M: Any, at: Any) -> Any:
    """The machine's own instruction for it."""
    ir = import_module("llvmlite.ir")

    def code(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        call = numba.core.cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.bitcast(_place(builder, target, signature, args), byte)
        builder.call(call, [place, number(0), number(3), number(1)])
        return target.get_dummy_value()

    return numba.types.void(M, numba.types.intp), code


def _reading(context: Any, letters: Any, at: Any) -> Any:
    """A load that need not be aligned."""
    ir = import_module("llvmlite.ir")

    def code(target: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(builder, target, signature, args)
        found = builder.load(builder.bitcast(place, ir.IntType(64).as_pointer()))
        found.align = 1
        return found

    return numba.types.int64(letters, numba.types.intp), code


fetch = numba.extending.intrinsic(_fetching) if COMPILED else _fetch
word = numba.extending.intrinsic(_reading) if COMPILED else _word
