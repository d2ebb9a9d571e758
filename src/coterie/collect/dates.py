"""Which formats a column of dates is written in, decided over all of its values."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime

_CLOCK = r"(?:([ T]+)(\d{1,2}:\d{2})(:\d{2})?(\.\d+)?( ?[AaPp][Mm])?)?"
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK)
_YEAR_FIRST = re.compile(r"\d{4}([/.-])\d{1,2}\1\d{1,2}" + _CLOCK)
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?"
    r"(?: ?[Zz]|[+-]\d{2}:?\d{2})?)?"
)
_WORDED = tuple(
    f"{day}{time}"
    for day in (
        "%d-%b-%Y",
        "%d %b %Y",
        "%b %d, %Y",
        "%d %B %Y",
        "%B %d, %Y",
        "%b %d %Y",
        "%d-%b-%y",
    )
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)
_MONTH = re.compile(r"(?i)\b\d{0,2}(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")
_EPOCH = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us"}


class Dates:
    """The formats seen so far."""

    def __init__(self) -> None:
        self.n = 0
        self.n_epoch: Counter[str] = Counter()
        self.formats: Counter[str] = Counter()
        self.first: Counter[tuple[str, str, str]] = Counter()
        self.second: Counter[tuple[str, str, str]] = Counter()
        self.either: Counter[tuple[str, str, str]] = Counter()

    def add(self, value: str, n: int) -> None:
        """Look at one value that `n` rows hold."""
        if not value[-1].isalnum() or len(value) > 40 or len(value) < 6:
            return
        if value.isdigit():
            if len(value) in _EPOCH and value[0] == "1":
                self.n_epoch[_EPOCH[len(value)]] += n
            return
        if any(c.isdigit() for c in value):
            self.n += n * self._look(value, n)

    def _look(self, value: str, n: int) -> bool:
        if _ISO.fullmatch(value) and _parses(value, "iso"):
            self.formats["iso"] += n
        elif found := _SLASHED.fullmatch(value):
            return self._slashed(found, n)
        elif found := _YEAR_FIRST.fullmatch(value):
            sign = found[1]
            self.formats[f"%Y{sign}%m{sign}%d{_time(*found.groups()[1:])}"] += n
        elif _MONTH.search(value) and (form := _worded(value)):
            self.formats[form] += n
        else:
            return False
        return True

    def _slashed(self, found: re.Match[str], n: int) -> bool:
        first, sign, second, year = found.groups()[:4]
        shape = (sign, "%Y" if len(year) == 4 else "%y", _time(*found.groups()[4:]))
        high = (int(first) > 12) + 2 * (int(second) > 12)
        if high == 3:
            return False
        (self.either, self.first, self.second)[high][shape] += n
        return True

    def decided(self) -> tuple[tuple[str, ...], list[str]]:
        """The formats, the commonest first, and what is unsure about them.

        A date such as 03/04/2017 is read as the others of its column are: day first where some
        day comes first, month first where some day comes second. Where nothing decides, a
        date with dots is day first and others month first, and that is said.
        """
        formats, notes = Counter(self.formats), []
        shapes = {*self.first, *self.second, *self.either}
        signs = {shape[0] for shape in shapes}
        for sign in sorted(signs):
            day_first, note = self._order(sign)
            notes += [note] if note else []
            for shape in sorted(s for s in shapes if s[0] == sign):
                n = self.first[shape] + self.second[shape] + self.either[shape]
                formats[_slashed_format(shape, day_first)] += n
        if not formats and self.n_epoch:
            formats = Counter(self.n_epoch)
        return tuple(form for form, _ in formats.most_common()), notes

    def _order(self, sign: str) -> tuple[bool, str]:
        days = sum(n for shape, n in self.first.items() if shape[0] == sign)
        months = sum(n for shape, n in self.second.items() if shape[0] == sign)
        if days and months:
            less = min(days, months)
            return days > months, (
                f"{less:,} dates with {sign!r} fit only the other order of day and month than the "
                f"rest: they go to quarantine"
            )
        if not days and not months:
            day_first = sign == "."
            return day_first, (
                f"no date with {sign!r} has a day above 12, so nothing tells day from month: read "
                f"{'day' if day_first else 'month'} first (change the formats if it is not)"
            )
        return days > 0, ""


def _slashed_format(shape: tuple[str, str, str], day_first: bool) -> str:
    sign, year, time = shape
    return f"{sign.join(('%d', '%m', year) if day_first else ('%m', '%d', year))}{time}"


def _time(
    gap: str | None, minutes: str | None, seconds: str | None, fraction: str | None,
    half: str | None,
) -> str:  # fmt: skip
    if not minutes:
        return ""
    clock = "%I:%M" if half else "%H:%M"
    clock += (":%S" if seconds else "") + (".%f" if fraction else "")
    return f"{gap}{clock}" + (f"{' ' if half and half[0] == ' ' else ''}%p" if half else "")


def _worded(value: str) -> str | None:
    return next((form for form in _WORDED if _parses(value, form)), None)


def _parses(value: str, form: str) -> bool:
    try:
        if form == "iso":
            datetime.fromisoformat(value)
        else:
            datetime.strptime(value, form)  # noqa: DTZ007 - only whether it fits
    except ValueError:
        return False
    return True
