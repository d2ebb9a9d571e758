"""Bytes become lines: compression, encoding, over-long lines, and files of another kind."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from coterie.errors import UnreadableFile

LONGEST = 1 << 20
"""Bytes in a line; a longer one is quarantined with its first `KEPT` bytes."""

KEPT = 4096
BLOCK = 1 << 20

_FOREIGN = {
    b"\x89PNG": "a PNG image", b"\xff\xd8\xff": "a JPEG image", b"GIF8": "a GIF image",
    b"%PDF": "a PDF document", b"PK\x03\x04": "a ZIP archive or spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old Office document", b"SQLite format 3": "a SQLite database",
    b"\x28\xb5\x2f\xfd": "a zstd archive", b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive", b"\x7fELF": "a program",
}  # fmt: skip
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


class Line(NamedTuple):
    """One line: its number from 1, its bytes as UTF-8 without the end, and what is wrong."""

    number: int
    data: bytes
    problem: str


def readable(path: Path) -> None:
    """Refuse what is no file of rows before anything else looks at it.

    Raises
    ------
    UnreadableFile
        No such file, a folder, an empty file, or one of another kind (an image, an archive).
    """
    if not path.exists():
        raise UnreadableFile("there is no such file", where=str(path))
    if path.is_dir():
        raise UnreadableFile("this is a folder", where=str(path), expected="CSV, Parquet or JSONL")
    head = _head(path)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t \0"):
        raise UnreadableFile("the file is empty", where=str(path), expected="a header and rows")
    for mark, kind in _FOREIGN.items():
        if head.startswith(mark):
            raise UnreadableFile(
                "the file is of another kind", where=str(path), got=kind,
                expected="CSV (also .gz), Parquet or JSON Lines",
            )  # fmt: skip
    parquet = head.startswith(b"PAR1")
    if not parquet and not _marked(head) and head.count(0) > max(8, len(head) // 1000):
        raise UnreadableFile("this is binary data", where=str(path), expected="text or Parquet")


def _head(path: Path) -> bytes:
    with failing(path), opened(path) as stream:
        return stream.read(65536)


class failing:  # noqa: N801 - reads as a word: with failing(path)
    """Turn what the system says of a file into one clear error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Nothing is done at the start."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | EOFError | zlib.error):
            raise UnreadableFile(
                "the file cannot be read to its end", where=str(self.path),
                got=f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}",
                hint="nothing of it was imported",
            ) from error  # fmt: skip


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed where it is gzip (by its content, not its name)."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    if zipped:
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(path, "rb")), BLOCK)
    return path.open("rb", buffering=BLOCK)


def encoding_of(path: Path) -> tuple[str, int]:
    """The encoding of a text file, looking at all of it, and how many lines do not fit it.

    A mark at the start or NULs in a UTF-16 pattern decide; then UTF-8 if every line is; then,
    where lines are not UTF-8, Windows' cp1252 if no line looks like UTF-8, else UTF-8 with
    those lines left out (a mixed file: they go to quarantine).
    """
    marked = _marked(_head(path))
    if marked:
        return marked, 0
    proper, broken = _utf8_lines(path)
    return ("cp1252", 0) if broken and not proper else ("utf-8", broken)


def _marked(head: bytes) -> str:
    """The encoding by a mark at the start or by a pattern of NULs, or nothing."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    nuls = head.count(0)
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if nuls > len(head) // 4 and head[start::2].count(0) > 0.9 * nuls:
            return name
    return ""


def _utf8_lines(path: Path) -> tuple[int, int]:
    """How many lines hold proper UTF-8 beyond ASCII, and how many are not UTF-8."""
    proper = broken = 0
    with failing(path), opened(path) as stream:
        rest = b""
        while block := stream.read(BLOCK):
            block = rest + block
            end = block.rfind(b"\n") + 1 or len(block)
            block, rest = block[:end], block[end:]
            if block.isascii():
                continue
            good, bad = _counted(block)
            proper, broken = proper + good, broken + bad
        good, bad = _counted(rest)
    return proper + good, broken + bad


def _counted(block: bytes) -> tuple[int, int]:
    odd = [line for line in block.split(b"\n") if not line.isascii()]
    broken = sum(not _is_utf8(line) for line in odd)
    return len(odd) - broken, broken


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class Transcoded(io.RawIOBase):
    """Bytes of another encoding, read as UTF-8; what cannot be decoded becomes U+FFFD."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.stream = stream
        self.decoder = codecs.getincrementaldecoder(encoding)("replace")
        self.ready = b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; 0 at the end."""
        while not self.ready:
            block = self.stream.read(BLOCK)
            self.ready = self.decoder.decode(block, final=not block).encode("utf-8")
            if not block:
                break
        size = min(len(buffer), len(self.ready))
        buffer[:size] = self.ready[:size]
        self.ready = self.ready[size:]
        return size

    def close(self) -> None:
        """Close the file beneath, too."""
        self.stream.close()
        super().close()


def lines_of(path: Path, encoding: str) -> Iterator[Line]:
    """Every line of a text file; one that is too long or holds no UTF-8 says so.

    Raises
    ------
    UnreadableFile
        When the file breaks off (a torn gzip) or cannot be read.
    """
    with failing(path), _text(path, encoding) as stream:
        number, line = 1, stream.readline(LONGEST)
        if line.startswith(codecs.BOM_UTF8):
            line = line[3:]
        while line:
            problem = ""
            if len(line) == LONGEST and not line.endswith(b"\n"):
                problem, line = "too_long", _skip(stream, line)
            elif not line.isascii() and not _is_utf8(line):
                problem = "encoding"
            elif b"\0" in line:
                problem = "nul"
            elif encoding != "utf-8" and "\ufffd".encode() in line:
                problem = "encoding"
            yield Line(number, line.rstrip(b"\r\n"), problem)
            number, line = number + 1, stream.readline(LONGEST)


def _text(path: Path, encoding: str) -> BinaryIO:
    stream = opened(path)
    if encoding in ("utf-8", "ascii"):
        return stream
    return io.BufferedReader(Transcoded(stream, encoding), BLOCK)


def _skip(stream: BinaryIO, line: bytes) -> bytes:
    kept = line[:KEPT]
    while line and not line.endswith(b"\n"):
        line = stream.readline(LONGEST)
    return kept
