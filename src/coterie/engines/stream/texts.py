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

from coterie.engines.stream.matching import Matching, Pattern
from coterie.engines.stream.ordering import Ordering

Codes = npt.NDArray[np.int64]

NULL = -1
_LEAST = 1024
_NUMBER = sys.getsizeof(2**40)


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
        self._texts: list[str] = []
        self._codes: dict[str, int] = {}
        self._text_bytes = 0
        self._ordering = Ordering(self._texts)
        self._matching = Matching(self._texts)
        self.capacity = _LEAST
        for pattern in patterns:
            self.add_pattern(*pattern)

    def __len__(self) -> int:
        return len(self._texts)

    def code(self, text: str) -> int:
        """The code of a text, given out now if it is new."""
        found = self._codes.get(text)
        return self._add(text) if found is None else found

    def text(self, code: int) -> str:
        """The text of a code.

        Raises
        ------
        IndexError
            For -1, which is no text, and for codes that were not given out.
        """
        if code < 0:
            raise IndexError(code)
        return self._texts[code]

    def codes(self, texts: pa.Array | pa.ChunkedArray) -> Codes:
        """The code of each text, -1 for null; each distinct text of a chunk is looked up once."""
        chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
        return np.concatenate([np.zeros(0, np.int64), *map(self._of_chunk, chunks)])

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
        self._ordering.update(self.capacity)
        return self._ordering.labels

    def add_pattern(self, op: Any, text: str, fold: bool) -> int:
        """The index of a pattern; one that is there already keeps its own."""
        return self._matching.add(Pattern(op, text, fold))

    @property
    def matches(self) -> npt.NDArray[np.uint8]:
        """1 at ``pattern * capacity + code`` where the pattern matches the code's text, else 0."""
        self._matching.update(self.capacity)
        return self._matching.table.reshape(-1)

    def refresh(self) -> None:
        """Bring labels and matches up to date, so that threads may read them until more is met."""
        self._ordering.update(self.capacity)
        self._matching.update(self.capacity)

    @property
    def nbytes(self) -> int:
        """The memory of the texts and of all that is kept of them."""
        kept = sys.getsizeof(self._texts) + sys.getsizeof(self._codes) + self._text_bytes
        return kept + self._ordering.nbytes + self._matching.table.nbytes

    def frozen(self) -> Texts:
        """The texts of now, to be saved while others are added here; nothing is added to them."""
        made = copy(self)
        made._texts = list(self._texts)
        return made

    def save(self) -> bytes:
        """All texts by their codes, and the patterns; the same for equal histories of adding."""
        metadata = {"patterns": msgspec.json.encode(self._matching.patterns)}
        schema = pa.schema([("text", pa.large_string())], metadata)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as stream:
            stream.write_batch(pa.record_batch([pa.array(self._texts, pa.large_string())], schema))
        return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """What was saved: the same codes and indices of patterns."""
        table = pa.ipc.open_stream(saved).read_all()
        patterns = msgspec.json.decode(table.schema.metadata[b"patterns"], type=list[Pattern])
        made = cls(patterns)
        for text in table["text"].to_pylist():
            made._add(text)
        return made

    def _of_chunk(self, chunk: pa.Array) -> Codes:
        if pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_decode()
        elif pa.types.is_null(chunk.type):
            chunk = chunk.cast(pa.string())
        encoded = chunk.dictionary_encode()
        found = [*map(self.code, encoded.dictionary.to_pylist()), NULL]
        places = encoded.indices.fill_null(len(found) - 1)
        codes: Codes = np.array(found, np.int64)[np.asarray(places)]
        return codes

    def _add(self, text: str) -> int:
        code = len(self._texts)
        self._texts.append(text)
        self._codes[text] = code
        self._text_bytes += sys.getsizeof(text) + _NUMBER
        while self.capacity <= code:
            self.capacity *= 2
        return code
