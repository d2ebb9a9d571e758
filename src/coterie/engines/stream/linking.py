"""Putting the parts of a program into one memory: what was numbered gets its address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream.assembler import Register, Registers
from coterie.engines.stream.program import Program
from coterie.engines.stream.texts import Texts

Lines = list[list[int]]
"""Instructions."""


@dataclass
class Parts:
    """What a compiler gathers.

    Parameters
    ----------
    registers : Registers
    tables : list of int
        Words for each event name, and lists of selections; ``-2 - i`` stands for the i-th of
        `rows`.
    constants : list of int
        Lists of constants and of registers.
    rows : list of (Register, Lines)
        Code for one event name, with the register of its value.
    selections, leaves : list of dict
        The fields of their tables' rows.
    person : Lines
        What is evaluated for each person.
    results : dict of str to Register
    """

    registers: Registers = field(default_factory=Registers)
    tables: list[int] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    rows: list[tuple[Register, Lines]] = field(default_factory=list)
    selections: list[dict[str, Any]] = field(default_factory=list)
    leaves: list[dict[str, Any]] = field(default_factory=list)
    person: Lines = field(default_factory=list)
    results: dict[str, Register] = field(default_factory=dict)


def link(parts: Parts, program: Program, texts: Texts, width: int) -> None:
    """Fill in a program's words and results; a row is `width` words wide, and what was live."""
    words = [0] * y.REGISTERS + parts.registers.first
    constants = _append(words, _absolute(parts.constants))
    codes = [
        _append(words, [len(code), *_absolute([register]), *_code(code, constants, 0)])
        for register, code in parts.rows
    ]
    tables = _append(words, [codes[-2 - w] if w < -1 else w for w in parts.tables])
    program.results = {name: _absolute([r])[0] for name, r in parts.results.items()}
    words[y.SELECTIONS] = _append(words, _selections(parts, tables))
    words[y.LEAVES] = _append(words, _leaves(parts, tables))
    words[y.CODE] = _append(words, _code(parts.person, constants, words[y.LEAVES]))
    words[y.WAITS] = _append(words, waits := _waits(parts, words[y.SELECTIONS]))
    chunks = [at for block in program.blocks for at in block.chunks]
    words[y.CHUNKS] = _append(words, chunks)
    words[y.OUTPUTS] = _append(words, _outputs(program, texts))
    words[y.N_SELECTIONS], words[y.N_LEAVES] = len(parts.selections), len(parts.leaves)
    words[y.N_CODE], words[y.N_WAITS], words[y.N_CHUNKS] = (
        len(parts.person),
        len(waits),
        len(chunks),
    )
    words[y.LIVED], words[y.N_BITS] = width, len(program.outputs)
    words[y.WIDTH] = width + max(-(-len(parts.leaves) // y.PER_WORD), 1)
    words[y.N_WORDS] = max(-(-len(program.outputs) // y.PER_WORD), 1)
    words[y.CELLS] = max(len(cells) for cells in program.events.values())
    words[y.TOP] = len(words)
    program.words = np.array(words, np.int64)


def _append(words: list[int], more: list[int]) -> int:
    words += more
    return len(words) - len(more)


def _absolute(words: list[int]) -> list[int]:
    """Registers as the places where they lie."""
    return [y.REGISTERS + 2 * int(w) if isinstance(w, Register) else int(w) for w in words]


def _flat(rows: Lines) -> list[int]:
    return [word for row in rows for word in row]


def _code(code: Lines, constants: int, leaves: int) -> list[int]:
    return _flat([_absolute(_placed(line, constants, leaves)) for line in code])


def _placed(line: list[int], constants: int, leaves: int) -> list[int]:
    line = list(line)
    op = line[y.I_OP]
    if op == y.OP_LEAF:
        line[y.I_A] = leaves + line[y.I_A] * y.LEAF
    elif op == y.OP_IN:
        line[y.I_B] += constants
    elif op in (y.OP_CLUSTER, y.OP_PREDICT):
        line[y.I_A] += constants
    return line


def _selections(parts: Parts, tables: int) -> list[int]:
    return _flat(
        [
            [
                s["kind"], s.get("state", 0), s.get("length", 0), s.get("a", 0), s.get("b", 0),
                tables + s["table"] if "table" in s else 0, tables + s.get("parts", 0),
                s.get("nparts", 0),
            ]
            for s in parts.selections
        ]
    )  # fmt: skip


def _leaves(parts: Parts, tables: int) -> list[int]:
    order = (
        "kind", "selection", "within", "since", "state", "table", "mode", "step", "rate",
        "limit", "up", "ring", "wide", "undo", "dirty", "why", "prune",
    )  # fmt: skip
    rows = ({**leaf, "table": _table(leaf["table"], tables)} for leaf in parts.leaves)
    return [row[key] for row in rows for key in order]


def _table(at: int, tables: int) -> int:
    return tables + at if at >= 0 else -1


def _waits(parts: Parts, selections: int) -> list[int]:
    kinds = [s["kind"] for s in parts.selections]
    return [selections + i * y.SELECTION for i, kind in enumerate(kinds) if kind == y.WITHOUT]


def _outputs(program: Program, texts: Texts) -> list[int]:
    """The register of each membership, and the value with which it holds."""
    words = []
    for group, stage in program.outputs:
        words += [program.results[group], texts.code(stage) if stage else 1]
    return words
