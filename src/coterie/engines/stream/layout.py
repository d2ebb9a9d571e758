"""Where everything lies: the words of the memory, of a person's row, and of a program's tables.

Kernels read definitions as data. A memory is one array of 64-bit integers. It begins with a header
and the *program*: registers, tables of selections and leaves, and the instructions of every
expression. Behind it lie a row of fixed width for each person, and the chunks that rows point to
(windows, sets, waits). A real is kept as its bits, an unknown as a flag beside the value.
"""

from __future__ import annotations

FOREVER = 2**63 - 1
NEVER = -(2**63)

# --- header of a memory ---------------------------------------------------------------------

TOP = 0  # first word never used
LIMIT = 1  # words there are
STATUS = 2  # why a kernel came back: see below
CAPACITY = 3  # texts that the table of matches has room for
OUT = 4  # records written
OUT_LIMIT = 5  # records there is room for
NEXT = 6  # the earliest deadline that an evaluation met
FREE = 8  # heads of the lists of free chunks, by size
LARGEST = 72  # words of the largest chunk that was ever taken
GREW = 73  # 1 where a chunk was taken that a person's budget may not allow

DONE, MEMORY_LOW, RECORDS_FULL, WHEEL_FULL = 0, 1, 2, 3

# --- a person's row -------------------------------------------------------------------------

DUE = 0  # nothing changes by time alone before this instant
ARMED = 1  # the instant by which the wheel has the person
LAST = 2  # the instant of the last unit
SEEN = 3  # what happened to the person, in four bits, and above them how often
BITS = 4  # memberships, 62 a word; then atoms, then the states of selections and leaves

PER_WORD = 62
PER_ATOMS = 31
"""Atoms a word: two bits each, whether it is known and whether it is true."""
APPLIED, EVALUATED, HEAVY, COLD = 1, 2, 4, 8
"""Any event was applied; atoms are those of the state; the chunks take more than the budget; the
state was let go."""
ONCE = 16
"""What one more occurrence adds to the same word: later ones have larger numbers."""

# --- header of a program ----------------------------------------------------------------------

PROGRAM = 80
(
    WIDTH,  # words of a row
    N_WORDS,  # words of memberships
    N_BITS,
    SELECTIONS,  # where the table begins, and how many there are
    N_SELECTIONS,
    LEAVES,
    N_LEAVES,
    WAITS,  # selections that wait: their places in the table
    N_WAITS,
    CODE,  # what is evaluated for each person
    N_CODE,
    OUTPUTS,  # (register, code or 1) of each membership bit
    CHUNKS,  # where rows point to chunks
    N_CHUNKS,
    CELLS,  # properties of an event
    LIVED,  # where in a row stands which leaves were reached live, PER_WORD a word
    PARAMETERS,  # of fits; and the words there is room for
    N_PARAMETERS,
    BUDGET,  # words that one person's chunks may take, and how many people took more
    N_HEAVY,
    LIVE,  # 1 while what occurs is live, 0 while it is history
    DECIDING,  # of the code, what memberships rest on up to the atoms
    N_DECIDING,
    LONGEST,  # the longest window, steps included, microseconds
    LOGIC,  # what makes memberships of atoms
    N_LOGIC,
    ATOMS,  # (register, definition) of each atom
    N_ATOMS,
    FIRST_ATOMS,  # where in a row their words begin
    ROUTES,  # where the route of each event name lies
    WAIT,  # words of a wait: a power of two
    SCRATCH,  # room for one occurrence
    PARTLY,  # 1 while the table of leaves is not the one that routes lead to
    APART,  # 1 where waits that are over are seen by leaves alone
) = range(PROGRAM, PROGRAM + 34)  # fmt: skip
REGISTERS = PROGRAM + 34

# --- program: a selection ----------------------------------------------------------------------

S_KIND, S_STATE, S_LENGTH, S_A, S_B, S_TABLE, S_PARTS, S_NPARTS = range(8)  # of a wait: its leaves
SELECTION = 8

PLAIN, WHERE, EITHER, THEN, WITHOUT, SESSIONS = range(6)

# --- program: a leaf ---------------------------------------------------------------------------

(
    L_KIND, L_SELECTION, L_WITHIN, L_SINCE, L_STATE, L_TABLE, L_MODE, L_STEP, L_RATE, L_LIMIT,
    L_UP, L_RING, L_WIDE, L_UNDO, L_DIRTY, L_WHY, L_PRUNE,
) = range(17)  # fmt: skip
LEAF = 17
NO_RING = -1

EXACT, REAL, TEXT = range(3)
"""The mode of a leaf: how the values are kept that it reads."""

O_AT, O_VALUE = range(2)
OCCURRED = 2
"""An entry of a window's ring: an instant, and a value where the leaf reads one."""

# --- program: a route ------------------------------------------------------------------------

(
    T_WHOLE,  # 1 where a selection needs all occurrences of the unit
    T_EXACT,  # 1 where everything is touched that may change by time
    T_CODE,  # the code that atoms rest on which are touched
    T_N_CODE,
    T_ATOMS,  # their numbers
    T_N_ATOMS,
    T_PLACES,  # of a row, one in each line of memory that is read or written
    T_N_PLACES,
    T_CHUNKS,  # where a row points to chunks that are
    T_N_CHUNKS,
    T_LONGEST,  # the longest window that is touched, steps included, microseconds
    T_N_LEAVES,  # then of each leaf that is touched: leaf, predicate, cell and code of the value,
    # and the word and bit that say that it was reached live
    T_N_TURNS,  # then of each selection whose waits it ends, or begins one of: selection,
    # predicate, and 1 where it begins one
) = range(13)
ROUTE = 13
A_LEAF, A_IF, A_CELL, A_CODE, A_LIVED, A_MARK = range(6)
ARRIVAL = 6
P_SELECTION, P_IF, P_BEGINS = range(3)
TURN = 3

# --- program: an instruction -------------------------------------------------------------------

I_OP, I_TO, I_A, I_B, I_C, I_D, I_E, I_WHY = range(8)
INSTRUCTION = 8

LINE = 8
"""Words that come from memory together."""

(
    OP_CELL, OP_AT, OP_LEAF, OP_CLOCK, OP_COMBINE, OP_PRODUCT, OP_QUOTIENT, OP_REAL, OP_TO_REAL,
    OP_RESCALE, OP_COMPARE, OP_COMPARE_WIDE, OP_COMPARE_REAL, OP_COMPARE_TEXT, OP_COMPARE_CLOCK,
    OP_COMPARE_COUNT, OP_COMPARE_DECAY, OP_AND, OP_OR, OP_NOT, OP_KNOWN, OP_IN, OP_MATCH, OP_HAS,
    OP_SELECT, OP_AGE, OP_STATISTIC, OP_RANK, OP_CLUSTER, OP_PREDICT,
) = range(30)  # fmt: skip
EQ, NE, LT, LE, GT, GE = range(6)

# --- an event of a batch, an occurrence of a unit, a record ------------------------------------

E_PERSON, E_AT, E_HIGH, E_LOW, E_NAME = range(5)
EVENT = 5  # then (value, known) of each cell

U_AT, U_HIGH, U_LOW, U_NAME, U_OWNER = range(5)
OCCURRENCE = 5  # then the cells

W_AT, W_HIGH, W_LOW, W_NAME = range(4)
WAITING = 4  # then the cells

R_PERSON, R_BIT, R_ENTERED, R_AT, R_CAUSE, R_REASON = range(6)
RECORD = 6

BY_EVENT, BY_TIME, BY_HOST = range(3)
