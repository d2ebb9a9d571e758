"""What each event name touches, and what memberships rest on: so that no event evaluates more.

The code of a person's expressions is cut in two. *Atoms* are truths that are no logic of other
truths: comparisons, patterns, whether something occurred. Whatever is above them, up to the
memberships, is logic. A person's row keeps the atoms, two bits each; an event computes those that
rest on what it touches, and only where one of them is another than before the logic runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import counting
from coterie.engines.stream.assembler import FLIPPED, Register
from coterie.engines.stream.parts import Lines, Parts
from coterie.engines.stream.program import Block, Program
from coterie.engines.stream.simplifying import Simplified

LOGIC = (y.OP_AND, y.OP_OR, y.OP_NOT, y.OP_KNOWN, y.OP_SELECT, y.OP_COMPARE, y.OP_IN)
"""Instructions that may stand above atoms."""

TRUTHS = (
    y.OP_COMPARE, y.OP_COMPARE_WIDE, y.OP_COMPARE_REAL, y.OP_COMPARE_TEXT, y.OP_COMPARE_CLOCK,
    y.OP_COMPARE_COUNT, y.OP_COMPARE_DECAY, y.OP_AND, y.OP_OR, y.OP_NOT, y.OP_KNOWN, y.OP_IN,
    y.OP_MATCH, y.OP_HAS,
)  # fmt: skip
"""Instructions whose value is true or false."""

TIMELY = (y.OP_COMPARE_CLOCK, y.OP_COMPARE_COUNT, y.OP_COMPARE_DECAY, y.OP_AGE)
"""Instructions that say when they change by time alone, as leaves with windows do."""


@dataclass
class Route:
    """What events of one name touch.

    Parameters
    ----------
    whole, exact : bool
        As in `layout`.
    leaves : list of int
        Those that may have another value after an event.
    code : Lines
    atoms : list of int
    """

    whole: bool
    exact: bool
    leaves: list[int]
    code: Lines
    atoms: list[int]


@dataclass
class Decisions:
    """A person's code as memberships need it.

    Parameters
    ----------
    deciding, logic : Lines
    atoms : list of (Register, int)
        Each with the definition whose deadline is the reason when it changes by time.
    outputs : list of Register
        Of each membership: the register that is true where it holds.
    routes : dict of str to Route
    """

    deciding: Lines = field(default_factory=list)
    logic: Lines = field(default_factory=list)
    atoms: list[tuple[Register, int]] = field(default_factory=list)
    outputs: list[Register] = field(default_factory=list)
    routes: dict[str, Route] = field(default_factory=dict)


def decisions(parts: Parts, program: Program, wanted: Sequence[tuple[Register, int]]) -> Decisions:
    """Cut the code of a person.

    Parameters
    ----------
    wanted : sequence of (Register, int)
        The register of each membership, and the value with which it holds.
    """
    return _Cut(parts, program).made(wanted)


class _Cut:
    def __init__(self, parts: Parts, program: Program) -> None:
        self.parts = parts
        self.program = program
        self.simple = Simplified(parts.person, parts.registers)
        self.code: Lines = self.simple.code
        self.made_here = {_to(line) for line in self.code}
        self.pure: set[Register] = set()
        self.truths: set[Register] = set()

    def made(self, wanted: Sequence[tuple[Register, int]]) -> Decisions:
        made = Decisions()
        self._sort()
        made.outputs = [self._truth(self.simple.holding(r), value) for r, value in wanted]
        live = self._below(made.outputs)
        made.logic = [line for line in live if line[y.I_TO] in self.pure]
        values = [to for line in live if (to := _to(line)) not in self.pure]
        made.deciding = self._below(values)
        read = {r for line in made.logic for r in self._inputs(line)} | {*made.outputs}
        made.atoms = [(r, self._reason(r)) for r in values if r in read]
        self._count_down(made)
        for name in self.program.events:
            made.routes[name] = self._route(name, made)
        return made

    # --- the cut ---------------------------------------------------------------------------------

    def _sort(self) -> None:
        """Find what is logic of truths alone."""
        for line in self.code:
            self._sort_line(line)

    def _reason(self, atom: Register) -> int:
        """The definition that says when an atom changes: of a window, the first that reads it."""
        below = self._below([atom])
        windowed = [x for x in below if x[y.I_OP] == y.OP_LEAF and self._ringed(x)]
        return (windowed[0] if windowed else below[-1])[y.I_WHY]

    def _ringed(self, line: list[int]) -> bool:
        return bool(self.parts.leaves[line[y.I_A]]["ring"] != y.NO_RING)

    def _sort_line(self, line: list[int]) -> None:
        to, op = _to(line), line[y.I_OP]
        computed = [r for r in self._inputs(line) if not self._is_constant(r)]
        if op in LOGIC and computed and all(r in self.pure | self.truths for r in computed):
            self.pure.add(to)
        elif op in TRUTHS or (op == y.OP_LEAF and self._kind(line) == counting.ANY):
            self.truths.add(to)

    def _truth(self, register: Register, value: int) -> Register:
        """A register that is true where another one has a value; of a truth itself."""
        if value == 1 and register in self.truths | self.pure:
            return register
        constant = self.parts.registers.constant(value)
        to = self.parts.registers.new()
        self.code.append([y.OP_COMPARE, to, register, constant, y.EQ, 0, 0, -1])
        self.made_here.add(to)
        self._sort_line(self.code[-1])
        return to

    def _is_constant(self, register: Register) -> bool:
        return register not in self.made_here

    def _inputs(self, line: list[int]) -> list[Register]:
        if line[y.I_OP] in (y.OP_CLUSTER, y.OP_PREDICT):
            at, count = line[y.I_A], line[y.I_B]
            return [r for r in self.parts.constants[at : at + count] if isinstance(r, Register)]
        return [r for r in line[y.I_A : y.I_WHY] if isinstance(r, Register)]

    def _kind(self, line: list[int]) -> int:
        return int(self.parts.leaves[line[y.I_A]]["kind"])

    def _below(self, registers: Iterable[Register]) -> Lines:
        """The instructions that registers rest on, in order."""
        wanted = set(registers)
        for line in reversed(self.code):
            if line[y.I_TO] in wanted:
                wanted.update(self._inputs(line))
        return [line for line in self.code if line[y.I_TO] in wanted]

    # --- windows that are counted ----------------------------------------------------------------

    def _count_down(self, made: Decisions) -> None:
        """Let comparisons of windowed counts with constants say when they change.

        Whatever else reads a window changes with each occurrence that leaves it (`I_D` is 1).
        """
        for line in made.deciding:
            if line[y.I_OP] != y.OP_LEAF:
                continue
            readers = [
                other
                for other in (*made.deciding, *made.logic)
                if line[y.I_TO] in self._inputs(other)
            ]
            if self._is_counted(line) and all(self._compares(line, each) for each in readers):
                for each in readers:
                    self._compare_count(line, each)
            else:
                line[y.I_D] = 1

    def _is_counted(self, line: list[int]) -> bool:
        leaf = self.parts.leaves[line[y.I_A]]
        plain = not leaf["since"] and not leaf["step"]
        return leaf["kind"] == counting.COUNT and leaf["within"] > 0 and plain

    def _compares(self, line: list[int], reader: list[int]) -> bool:
        """Whether an instruction compares a leaf with a constant."""
        if reader[y.I_OP] != y.OP_COMPARE:
            return False
        sides = {reader[y.I_A], reader[y.I_B]} - {line[y.I_TO]}
        return all(self._is_constant(side) for side in sides) and len(sides) == 1  # type: ignore[arg-type]

    def _compare_count(self, line: list[int], reader: list[int]) -> None:
        if reader[y.I_A] != line[y.I_TO]:
            reader[y.I_A], reader[y.I_B] = reader[y.I_B], reader[y.I_A]
            reader[y.I_C] = FLIPPED[reader[y.I_C]]
        reader[y.I_OP], reader[y.I_D] = y.OP_COMPARE_COUNT, line[y.I_A]

    # --- routes ----------------------------------------------------------------------------------

    def _route(self, name: str, made: Decisions) -> Route:
        named = [block for block in self.program.blocks if name in block.names]
        whole = not all(map(self._one_by_one, named))
        leaves = [b.leaf for b in named if b.leaf >= 0 and (whole or not self._waits(b))]
        atoms = self._touched({*leaves}, made)
        code = self._deciding_below([made.atoms[i][0] for i in atoms], made)
        return Route(
            whole=whole,
            exact=self._is_exact({*leaves}, code, made),
            leaves=leaves,
            code=code,
            atoms=atoms,
        )

    def _touched(self, leaves: set[int], made: Decisions) -> list[int]:
        touched: set[int] = set()
        for line in made.deciding:
            own = line[y.I_OP] == y.OP_LEAF and line[y.I_A] in leaves
            if own or touched & {*self._inputs(line)}:
                touched.add(line[y.I_TO])
        return [i for i, (atom, _) in enumerate(made.atoms) if atom in touched]

    def _deciding_below(self, atoms: list[Register], made: Decisions) -> Lines:
        below = {line[y.I_TO] for line in self._below(atoms)}
        return [line for line in made.deciding if line[y.I_TO] in below]

    def _one_by_one(self, block: Block) -> bool:
        """Whether an event does to a state what it does alone, whatever else its instant has."""
        selection = self._selection(block)
        if selection["kind"] == y.WITHOUT:
            selections = self.parts.selections
            return all(selections[selection[key]]["kind"] == y.PLAIN for key in "ab")
        return bool(selection["kind"] == y.PLAIN)

    def _waits(self, block: Block) -> bool:
        return bool(self._selection(block)["kind"] == y.WITHOUT)

    def _selection(self, block: Block) -> dict[str, Any]:
        """The selection of a leaf, or that whose state a block is."""
        selections = self.parts.selections
        if block.leaf < 0:
            return next(s for s in selections if s.get("state") == block.offset)
        found: dict[str, Any] = selections[self.parts.leaves[block.leaf]["selection"]]
        return found

    def _is_exact(self, leaves: set[int], code: Lines, made: Decisions) -> bool:
        windows = {i for i, leaf in enumerate(self.parts.leaves) if leaf["ring"] != y.NO_RING}
        timely = [line for line in made.deciding if self._is_timely(line)]
        waits = any(s["kind"] == y.WITHOUT for s in self.parts.selections)
        return windows <= leaves and all(line in code for line in timely) and not waits

    def _is_timely(self, line: list[int]) -> bool:
        return line[y.I_OP] in TIMELY or (line[y.I_OP] == y.OP_LEAF and line[y.I_D] == 1)


def _to(line: list[int]) -> Register:
    register = line[y.I_TO]
    assert isinstance(register, Register)
    return register
