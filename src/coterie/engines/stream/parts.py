"""What a compiler gathers before it is linked into one memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from coterie.engines.stream.assembler import Register, Registers

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
