"""An audit as one HTML file: what is wrong first, then each attribute, then what nothing uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from zoneinfo import ZoneInfo

import altair as alt
import pyarrow as pa

from coterie.discover.auditing.audit import Attribute, Audit, Bar, Recorded
from coterie.language.time import from_micros
from coterie.pictures import distribution
from coterie.pictures.crowd import said
from coterie.pictures.page import Page, listed, section
from coterie.pictures.saying import rows, table
from coterie.pictures.theme import Drawing, finished, layered

MUCH_UNKNOWN, NEARLY_ALL, VERY_STALE, SAME = 0.5, 0.99, 0.5, 0.95
"""Shares and correlations from which an attribute is remarked upon."""


def worries(one: Attribute) -> list[str]:
    """What keeps an attribute from being relied upon, in words.

    Examples
    --------
    >>> worries(Attribute("x", "number", people=10, unknown=6, distinct=4))
    ['60.0 % unknown']
    """
    found = list(one.remarks)
    if one.people and one.unknown > MUCH_UNKNOWN * one.people:
        found.append(f"{_share(one.unknown / one.people)} unknown")
    if one.distinct == 1 and not one.unknown:
        found.append("the same for everybody")
    elif one.distinct > 1 and one.commonest_share >= NEARLY_ALL:
        found.append(f"{_share(one.commonest_share)} have the same value")
    if one.stale_share is not None and one.stale_share > VERY_STALE:
        found.append(f"for {_share(one.stale_share)} it rests on facts more than a year old")
    if one.correlation is not None and abs(one.correlation) >= SAME:
        found.append(f"says nearly the same as {one.correlated} (rank correlation "
                     f"{one.correlation:.3f})")  # fmt: skip
    return found


class Written:
    """One audit being written.

    Parameters
    ----------
    audit : Audit
    """

    def __init__(self, audit: Audit) -> None:
        self.audit = audit
        self.page = Page(f"{audit.name}: audit of attributes")

    def html(self) -> str:
        """The whole file."""
        found = [made for made in self.sections() if made[2]]
        links = [(name, title) for name, title, _ in found]
        body = "\n".join(section(name, title, *parts) for name, title, parts in found)
        return self.page.html(f"{self.head(links)}<main>{body}</main>{self.foot()}")

    def head(self, links: Iterable[tuple[str, str]]) -> str:
        """The title, the position and what comes to be said in one paragraph."""
        audit = self.audit
        as_of = said(from_micros(audit.at).astimezone(ZoneInfo(audit.zone)))
        return (
            f"<header><h1>{escape(audit.name)}: audit of attributes</h1>"
            f'<p class="soft">As of {as_of} ({escape(audit.zone)}), by what was known at entry '
            f"{audit.offset:,} of the log.</p><p>{escape(self.verdict())}</p>"
            f"{listed(links)}</header>"
        )

    def verdict(self) -> str:
        """How many attributes there are, how many are doubtful, and how much is not used."""
        audit = self.audit
        doubtful = sum(bool(worries(one)) for one in audit.attributes)
        unused = _many(len(audit.unused), "event or property", "events or properties")
        told = ""
        if audit.score is not None:
            told = (
                f" All attributes together tell {audit.target}, on people held out, with the "
                f"{audit.score_name} {audit.score:.3f}."
            )
        return (
            f"{_many(len(audit.attributes), 'attribute')} of "
            f"{_many(audit.people, 'person', 'people')} who may be used for {audit.purpose}; "
            f"{doubtful:,} with a remark. {unused}"
            f" of the tracking plan and {_many(len(audit.idle_traits), 'trait')} decide nothing."
            f"{told}"
        )

    def foot(self) -> str:
        """What the page holds."""
        return (
            '<footer class="soft"><p>Written by Coterie. This page fetches nothing, holds no '
            "identifier, and names no text that fewer than 5 people share.</p></footer>"
        )

    def sections(self) -> Iterator[tuple[str, str, list[str]]]:
        """What there is to show."""
        yield "remarks", "Remarks", self.remarks()
        yield "importance", f"What tells {self.audit.target}", self.importance()
        yield "overview", "All attributes", [self.overview()]
        yield "distributions", "Distributions", self.distributions()
        yield "unused", "What nothing uses", self.unused()

    def remarks(self) -> list[str]:
        """Each attribute that cannot be relied upon, and why."""
        items = [(one.name, worries(one)) for one in self.audit.attributes]
        lines = [f"<li><b>{escape(name)}</b>: {escape('; '.join(why))}</li>"
                 for name, why in items if why]  # fmt: skip
        lines += [f"<li><b>{escape(name)}</b>: not described, {escape(why)}</li>"
                  for name, why in self.audit.left_out.items()]  # fmt: skip
        return [f"<ul>{''.join(lines)}</ul>"] if lines else []

    def importance(self) -> list[str]:
        """The attributes by what the model loses without them."""
        told = [one for one in self.audit.attributes if one.importance is not None]
        if not told:
            return []
        data = importance_data(self.audit)
        barred = [one.name for one in self.audit.attributes if one.importance is None]
        made = f"<p>Not asked, for {escape(self.audit.target)} is made of the same, or nobody has "
        made += f"a value: {escape(', '.join(barred))}.</p>"
        figure = self.page.figure(data, importance_chart(data), heading=False)
        return [figure, *([made] if barred else [])]

    def overview(self) -> str:
        """One row an attribute."""
        heads = ["attribute", "type", "unknown", "distinct", "median", "mean", "outliers",
                 "stale", "used by"]  # fmt: skip
        lines = [_row(_cells(one)) for one in self.audit.attributes]
        return (
            '<div class="scroll" tabindex="0"><table><thead><tr>'
            + "".join(f'<th scope="col"{_side(i)}>{head}</th>' for i, head in enumerate(heads))
            + f"</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
            + '<p class="soft">Outliers lie beyond a robust z of 3.5. Stale is the median age, in '
            "days, of the newest fact that the attribute rests on.</p>"
        )

    def distributions(self) -> list[str]:
        """A picture for each attribute that has values."""
        figures = []
        for one in self.audit.attributes:
            if one.bars:
                data = bars(one)
                figures.append(self.page.figure(data, distribution.chart(data)))
        return [f'<div class="grid">{"".join(figures)}</div>'] if figures else []

    def unused(self) -> list[str]:
        """What could be dropped, and how much of it there is."""
        parts = []
        if self.audit.idle_traits:
            names = ", ".join(self.audit.idle_traits)
            parts.append(f"<p>Traits that decide no segment and no stage: {escape(names)}.</p>")
        if self.audit.unused:
            lines = "".join(self._dropped(one) for one in self.audit.unused)
            parts.append(
                "<p>No definition reads these. What is collected and never used costs room, and "
                "people's trust: drop it, or say in the tracking plan what it is for.</p>"
                '<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">event</th>'
                '<th scope="col">property</th><th scope="col">type</th>'
                '<th class="n" scope="col">values</th><th scope="col">newest</th></tr></thead>'
                f"<tbody>{lines}</tbody></table></div>"
            )
        return parts

    def _dropped(self, one: Recorded) -> str:
        newest = ""
        if one.newest is not None:
            newest = said(from_micros(one.newest).astimezone(ZoneInfo(self.audit.zone)))[:10]
        personal = f" ({one.pii})" if one.pii != "none" else ""
        return (
            f"<tr><td>{escape(one.event)}</td>"
            f"<td>{escape(one.name or 'the whole event')}</td>"
            f"<td>{escape(one.type)}{personal}</td>"
            f'<td class="n">{one.filled:,}</td><td>{newest}</td></tr>'
        )


def bars(one: Attribute) -> pa.Table:
    """An attribute's distribution as a picture reads it."""
    note = f"{one.people - one.unknown:,} people"
    if one.unknown:
        note += f"; {one.unknown:,} unknown"
    title = f"{one.name}, {one.unit}" if one.unit else one.name
    if not one.scale:
        values = [(bar.value, bar.people) for bar in one.bars]
        others = sum(people for value, people in values if value is None)
        note += f"; {others:,} have other values" if others else ""
        return table(
            {"value": (pa.string(), [value for value, _ in values]),
             "people": (pa.int64(), [people for _, people in values])}, title, note,
        )  # fmt: skip
    shown = drawn(one)
    others = sum(bar.people for bar in one.bars) - sum(bar.people for bar in shown)
    where = "at zero" if one.scale == "log" else "far out"
    note += f"; {others:,} {where} are not drawn" if others else ""
    return table(
        {"from": (pa.float64(), [bar.low for bar in shown]),
         "to": (pa.float64(), [bar.high for bar in shown]),
         "people": (pa.int64(), [bar.people for bar in shown])}, title, note, scale=one.scale,
    )  # fmt: skip


def drawn(one: Attribute) -> list[Bar]:
    """The bars that an axis has room for."""
    if one.scale == "log":
        return [bar for bar in one.bars if bar.low]
    if one.scale != "middle":
        return list(one.bars)
    wide = [(bar.high or 0.0) - (bar.low or 0.0) for bar in one.bars]
    usual = wide[len(wide) // 2]
    return [bar for bar, width in zip(one.bars, wide, strict=True)
            if abs(width - usual) <= 1e-6 * usual]  # fmt: skip


def importance_data(audit: Audit) -> pa.Table:
    """One row an attribute that was asked about, the most telling first."""
    told = [(one.name, one.importance) for one in audit.attributes if one.importance is not None]
    note = (
        f"what the {audit.score_name} ({audit.score:.3f} on people held out) loses when an "
        "attribute is shuffled among them: mean and standard deviation of 5 shuffles; attributes "
        "that say the same share what they tell"
    )
    return table(
        {
            "attribute": (pa.string(), [name for name, _ in told]),
            "lost": (pa.float64(), [i.lost for _, i in told]),
            "deviation": (pa.float64(), [i.deviation for _, i in told]),
            "bits": (pa.float64(), [i.information for _, i in told]),
        },
        f"What tells {audit.target}",
        note,
    )


def importance_chart(data: pa.Table) -> Drawing:
    """Bars with their spread."""
    shown = [row | {"low": row["lost"] - row["deviation"], "high": row["lost"] + row["deviation"]}
             for row in rows(data)]  # fmt: skip
    base = alt.Chart(alt.InlineData(shown)).encode(
        y=alt.Y("attribute:N").sort([row["attribute"] for row in shown]).title(None),
        tooltip=["attribute:N", alt.Tooltip("lost:Q", format=".4f"),
                 alt.Tooltip("bits:Q", format=".3f", title="mutual information, bits")],
    )  # fmt: skip
    bar = base.mark_bar().encode(x=alt.X("lost:Q").title("score lost"))
    spread = base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    return finished(layered(bar, spread), data, height=alt.Step(20), least=420)


def _cells(one: Attribute) -> list[str]:
    kind = f"{one.kind}, {one.unit}" if one.unit and one.unit != "days" else one.kind
    return [
        one.name, kind, _share(one.unknown / one.people) if one.people else "",
        f"{one.distinct:,}", _number(one.middle), _number(one.mean), f"{one.outliers_z:,}",
        "" if one.stale_days is None else f"{one.stale_days:,.0f}", ", ".join(one.used_by),
    ]  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    rest = "".join(f"<td{_side(i)}>{escape(cell)}</td>" for i, cell in enumerate(others, 1))
    return f'<tr><th scope="row">{escape(first)}</th>{rest}</tr>'


def _side(place: int) -> str:
    return ' class="n"' if 2 <= place <= 7 else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _share(value: float) -> str:
    return f"{value:.1%}".replace("%", " %")


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"
