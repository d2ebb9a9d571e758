"""Texts as numbers: one code for each distinct text that the engine has met."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from coterie.engines.stream.identifiers import Identifiers
from coterie.engines.stream.matching import Matching, Pattern
from coterie.engines.stream.ordering import Ordering

Codes = npt.NDArray[np.int64]

NULL = -1
_LEAST = 1024
_RECENT = 10_000
"""Texts that came one by one, and whose codes are at hand."""


class Texts:
    """Codes 0, 1, 2, … in the order in which texts were first met; no text is -1.

    `capacity`, `labels` and `matches` cover every code given out before they were read. They are
    brought up to date when they are read, in place or replaced by larger ones: read them again
    after codes were given out, and not in two threads at once. A set of texts whose order nobody
    reads costs nothing to order.

    Parameters
    ----------
    patterns
        The patterns ``(op, text, fold)`` that texts are matched with, as of
        `coterie.language.nodes.Match`; more may be added later.

    Examples
    --------
    >>> texts = Texts([("starts_with", "b", False)])
    >>> codes = texts.codes(pa.array(["b", "a", None, "b", "B"]))
    >>> codes.tolist()
    [0, 1, -1, 0, 2]
    >>> np.argsort(texts.labels[:3]).tolist()
    [2, 1, 0]
    >>> texts.matches[0 * texts.capacity + codes[0]]
    np.uint8(1)
    """

    def __init__(self, patterns: Sequence[tuple[Any, str, bool]] = ()) -> None:
        self._table = Identifiers()
        self._texts: list[str] = []  # as long as whoever asked for them needed
        self._text_bytes = 0
        self._recent: dict[str, int] = {}
        self._ordering = Ordering(self._texts)
        self._matching = Matching(self._texts)
        for pattern in patterns:
            self.add_pattern(*pattern)

    def __len__(self) -> int:
        return len(self._table)

    def code(self, text: str) -> int:
        """The code of a text, given out now if it is new."""
        found = self._recent.get(text)
        if found is None:
            found = int(self.codes(pa.array([text], pa.string()))[0])
            if len(self._recent) > _RECENT:
                self._recent.clear()
            self._recent[text] = found
        return found

    def text(self, code: int) -> str:
        """The text of a code.

        Raises
        ------
        IndexError
            For -1, which is no text, and for codes that were not given out.
        """
        if code < 0:
            raise IndexError(code)
        return self._texts[code] if code < len(self._texts) else self._spelled()[code]

    def codes(self, texts: pa.Array | pa.ChunkedArray) -> Codes:
        """The code of each text, -1 for null."""
        found: Codes = self._table.numbers(texts)
        return found

    @property
    def capacity(self) -> int:
        """A power of two that no code reaches."""
        return max(_LEAST, 1 << len(self).bit_length())

    def _spelled(self) -> list[str]:
        """All texts, by their codes."""
        known = len(self._texts)
        if known < len(self):
            fresh = self._table.named(np.arange(known, len(self))).to_pylist()
            self._texts += fresh
            self._text_bytes += sum(map(sys.getsizeof, fresh))
        return self._texts

    def take(self, codes: Codes) -> pa.Array:
        """The texts of codes, null for -1."""
        used = pa.array(codes, mask=codes < 0).dictionary_encode()
        found = pa.array(map(self.text, used.dictionary.to_pylist()), pa.string())
        return found.take(used.indices)

    @property
    def labels(self) -> Codes:
        """At each code a number: they are ordered as the texts are by code point.

        The numbers change as texts are added: keep codes, and compare by the labels of now.
        """
        self._spelled()
        self._ordering.update(self.capacity)
        return self._ordering.labels

    def add_pattern(self, op: Any, text: str, fold: bool) -> int:
        """The index of a pattern; one that is there already keeps its own."""
        return self._matching.add(Pattern(op, text, fold))

    @property
    def matches(self) -> npt.NDArray[np.uint8]:
        """1 at ``pattern * capacity + code`` where the pattern matches the code's text, else 0."""
        self._spelled()
        self._matching.update(self.capacity)
        return self._matching.table.reshape(-1)

    def refresh(self) -> None:
        """Bring labels and matches up to date, so that threads may read them until more is met."""
        self._spelled()
        self._ordering.update(self.capacity)
        self._matching.update(self.capacity)

    @property
    def nbytes(self) -> int:
        """The memory of the texts and of all that is kept of them."""
        kept = sys.getsizeof(self._texts) + self._table.nbytes + self._text_bytes
        return kept + self._ordering.nbytes + self._matching.table.nbytes

    def frozen(self) -> Texts:
        """The texts of now, to be saved while others are added here; nothing is added to them."""
        made = copy(self)
        made._texts = list(self._spelled())
        made._table = self._table.frozen()
        return made

    def save(self) -> bytes:
        """All texts by their codes, and the patterns; the same for equal histories of adding."""
        metadata = {"patterns": msgspec.json.encode(self._matching.patterns)}
        schema = pa.schema([("text", pa.large_string())], metadata)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as stream:
            stream.write_batch(
                pa.record_batch([pa.array(self._spelled(), pa.large_string())], schema)
            )
        return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """What was saved: the same codes and indices of patterns."""
        table = pa.ipc.open_stream(saved).read_all()
        patterns = msgspec.json.decode(table.schema.metadata[b"patterns"], type=list[Pattern])
        made = cls(patterns)
        made.codes(table["text"])
        return made
