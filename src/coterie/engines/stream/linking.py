"""Putting the parts of a program into one memory: what was numbered gets its address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream.assembler import Register
from coterie.engines.stream.parts import Lines, Parts
from coterie.engines.stream.program import Block, Program
from coterie.engines.stream.routing import Route, decisions
from coterie.engines.stream.texts import Texts


def link(parts: Parts, program: Program, texts: Texts, width: int) -> None:
    """Fill in a program's words and results; a row is `width` words wide, and what was live."""
    cut = decisions(parts, program, _outputs(parts, program, texts))
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
    words[y.APART] = _follow(parts, words)
    chunks = [at for block in program.blocks for at in block.chunks]
    words[y.CHUNKS] = _append(words, chunks)
    words[y.OUTPUTS] = _append(words, _absolute(cut.outputs))
    words[y.DECIDING] = _append(words, _code(cut.deciding, constants, words[y.LEAVES]))
    words[y.LOGIC] = _append(words, _code(cut.logic, constants, words[y.LEAVES]))
    words[y.ATOMS] = _append(words, _flat([_absolute(atom) for atom in cut.atoms]))
    words[y.LONGEST] = _longest(parts, range(len(parts.leaves)))
    words[y.N_DECIDING], words[y.N_LOGIC] = len(cut.deciding), len(cut.logic)
    words[y.N_ATOMS] = len(cut.atoms)
    words[y.N_SELECTIONS], words[y.N_LEAVES] = len(parts.selections), len(parts.leaves)
    words[y.N_CODE], words[y.N_WAITS], words[y.N_CHUNKS] = (
        len(parts.person),
        len(waits),
        len(chunks),
    )
    words[y.LIVED], words[y.N_BITS] = width, len(program.outputs)
    words[y.FIRST_ATOMS] = width + max(-(-len(parts.leaves) // y.PER_WORD), 1)
    words[y.WIDTH] = words[y.FIRST_ATOMS] + -(-len(cut.atoms) // y.PER_ATOMS)
    words[y.N_WORDS] = max(-(-len(program.outputs) // y.PER_WORD), 1)
    words[y.CELLS] = max(len(cells) for cells in program.events.values())
    words[y.WAIT] = 1 << (y.WAITING + 2 * words[y.CELLS] - 1).bit_length()
    words[y.SCRATCH] = _append(words, [0] * (y.OCCURRENCE + 2 * words[y.CELLS]))
    routes = [
        _route(
            cut.routes[name], i, words, constants, parts, _touched(cut.routes[name], name, program)
        )
        for i, name in enumerate(program.events)
    ]
    words[y.ROUTES] = _append(words, routes)
    words[y.TOP] = len(words)
    program.words = np.array(words, np.int64)


def _append(words: list[int], more: list[int]) -> int:
    words += more
    return len(words) - len(more)


def _absolute(words: Sequence[int]) -> list[int]:
    """Registers as the places where they lie."""
    return [y.REGISTERS + 2 * int(w) if isinstance(w, Register) else int(w) for w in words]


def _flat(rows: Lines) -> list[int]:
    return [word for row in rows for word in row]


def _code(code: Lines, constants: int, leaves: int) -> list[int]:
    return _flat([_absolute(_placed(line, constants, leaves)) for line in code])


def _placed(line: list[int], constants: int, leaves: int) -> list[int]:
    line = list(line)
    op = line[y.I_OP]
    if op == y.OP_COMPARE_COUNT:
        line[y.I_D] = leaves + line[y.I_D] * y.LEAF
    elif op == y.OP_LEAF:
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


def _follow(parts: Parts, words: list[int]) -> int:
    """Append the leaves of each selection that waits; 1 where nothing else follows on one."""
    waits = {i for i, s in enumerate(parts.selections) if s["kind"] == y.WITHOUT}
    for i in waits:
        s = words[y.SELECTIONS] + i * y.SELECTION
        mine = [k for k, leaf in enumerate(parts.leaves) if leaf["selection"] == i]
        words[s + y.S_PARTS] = _append(words, [words[y.LEAVES] + k * y.LEAF for k in mine])
        words[s + y.S_NPARTS] = len(mine)
    read = {each[key] for each in parts.selections for key in "ab" if key in each}
    for each in parts.selections:
        if "parts" in each:
            read |= {*parts.tables[each["parts"] : each["parts"] + each["nparts"]]}
    return int(not waits & read)


def _longest(parts: Parts, leaves: Iterable[int]) -> int:
    """The longest window of leaves, steps included."""
    chosen = [parts.leaves[leaf] for leaf in leaves]
    return max((leaf["within"] + leaf["step"] for leaf in chosen), default=0)


def _outputs(parts: Parts, program: Program, texts: Texts) -> list[tuple[Register, int]]:
    """The register of each membership, and the value with which it holds."""
    return [
        (parts.results[group], texts.code(stage) if stage else 1)
        for group, stage in program.outputs
    ]


def _touched(route: Route, name: str, program: Program) -> list[Block]:
    """The states that events of a name write to, or that their route reads."""
    read = {line[y.I_A] for line in route.code if line[y.I_OP] == y.OP_LEAF}
    touched = {-1, *route.leaves, *read}
    return [
        block
        for block in program.blocks
        if block.leaf in read or (name in block.names and block.leaf in touched)
    ]


def _lines(words: list[int], touched: Sequence[Block]) -> list[int]:
    """Places of a row, about one in each line of memory that blocks, marks and atoms lie in."""
    wanted = {0, *range(words[y.LIVED], words[y.WIDTH])}
    for block in touched:
        wanted |= {*range(block.offset, block.offset + block.width)}
    chosen: list[int] = []
    for place in sorted(wanted):
        if not chosen or place - chosen[-1] >= y.LINE // 2:
            chosen.append(place)
    return chosen


def _route(
    route: Route, event: int, words: list[int], constants: int, parts: Parts,
    touched: Sequence[Block],
) -> int:  # fmt: skip
    """Append what events of one name touch."""
    places = _append(words, lines := _lines(words, touched))
    chunks = _append(words, pointers := [at for block in touched for at in block.chunks])
    code = _append(words, _code(route.code, constants, words[y.LEAVES]))
    atoms = _append(words, route.atoms)
    arrivals = [] if route.whole else [_arrival(leaf, event, words) for leaf in route.leaves]
    arrivals = sorted((each for each in arrivals if each[y.A_IF] >= 0), key=lambda each: each[1])
    turns = [] if route.whole else _turns(event, words)
    head = [
        int(route.whole), int(route.exact), code, len(route.code), atoms,
        len(route.atoms), places, len(lines), chunks, len(pointers),
        _longest(parts, route.leaves), len(arrivals), len(turns),
    ]  # fmt: skip
    return _append(words, [*head, *_flat(arrivals), *_flat(turns)])


def _turns(event: int, words: list[int]) -> list[list[int]]:
    """The selections whose waits events of a name end, and then those of which they begin one.

    Whatever waits for what is not plain has routes that see all of a unit.
    """
    found = []
    for s in words[words[y.WAITS] : words[y.WAITS] + words[y.N_WAITS]]:
        for begins, operand in enumerate((words[s + y.S_B], words[s + y.S_A])):
            selection = words[y.SELECTIONS] + operand * y.SELECTION
            if words[selection + y.S_KIND] == y.PLAIN:
                predicate = words[words[selection + y.S_TABLE] + event]
                found += [[s, predicate, begins]] if predicate >= 0 else []
    return found


def _arrival(number: int, event: int, words: list[int]) -> list[int]:
    """A leaf, the code of its predicate (0: none), and the cell or the code of its value."""
    leaf = words[y.LEAVES] + number * y.LEAF
    selection = words[y.SELECTIONS] + words[leaf + y.L_SELECTION] * y.SELECTION
    predicate = words[words[selection + y.S_TABLE] + event]
    code = words[words[leaf + y.L_TABLE] + event] if words[leaf + y.L_TABLE] >= 0 else -1
    cell = -1
    if code >= 0 and words[code] == 1 and words[code + 2 + y.I_OP] == y.OP_CELL:
        cell = words[code + 2 + y.I_A]
    word, bit = divmod(number, y.PER_WORD)
    return [leaf, predicate, cell, code, words[y.LIVED] + word, 1 << bit]
