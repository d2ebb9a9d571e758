"""A person's code without what is known before anything happens.

Lowering leaves much that is always so: whether a constant is known, a choice by it. A membership
holds only where its truth is known, so that ``coalesce(truth, false)`` is the truth itself.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.assembler import Register, Registers
from coterie.engines.stream.parts import Lines


class Simplified:
    """Code with registers in place of those that always equal them.

    Parameters
    ----------
    code : Lines
        Left as it is; lines are copied.
    registers : Registers

    Attributes
    ----------
    code : Lines
    """

    def __init__(self, code: Lines, registers: Registers) -> None:
        self._registers = registers
        self._same: dict[Register, Register] = {}
        self._made: dict[Register, list[int]] = {}
        self.code = [kept for line in code if (kept := self._kept(line)) is not None]

    def holding(self, register: Register) -> Register:
        """A register that is true where this one is; it may be unknown where this is false."""
        same = self._same.get(register, register)
        line = self._made.get(same)
        if line is None or line[y.I_OP] != y.OP_SELECT:
            return same
        known = self._made.get(line[y.I_A])  # type: ignore[call-overload]
        asks = known is not None and known[y.I_OP] == y.OP_KNOWN
        itself = known is not None and known[y.I_A] == line[y.I_B]
        if asks and itself and self._constant(line[y.I_C]) in ((0, 1), (0, 0)):
            return self.holding(line[y.I_B])  # type: ignore[arg-type]
        return same

    def _kept(self, line: list[int]) -> list[int] | None:
        line = [self._of(w) if i > y.I_TO else w for i, w in enumerate(line)]
        always = self._always(line)
        to = line[y.I_TO]
        assert isinstance(to, Register)
        if always is not None:
            self._same[to] = always
            return None
        self._made[to] = line
        return line

    def _of(self, word: int) -> int:
        return self._same.get(word, word) if isinstance(word, Register) else word

    def _constant(self, word: int) -> tuple[int, int] | None:
        """The value of a register that no instruction writes, and whether it is known."""
        if not isinstance(word, Register) or word in self._made:
            return None
        value, known = self._registers.first[2 * word : 2 * word + 2]
        return value, known

    def _always(self, line: list[int]) -> Register | None:
        """The register that an instruction's value always equals."""
        first = self._constant(line[y.I_A])
        if first is None:
            return None
        if line[y.I_OP] == y.OP_KNOWN:
            return self._registers.constant(first[1])
        if line[y.I_OP] == y.OP_SELECT:
            chosen = line[y.I_B] if first == (1, 1) else line[y.I_C]
            assert isinstance(chosen, Register)
            return chosen
        return None
