"""The data dictionary: the tracking plan as a page to read."""

from __future__ import annotations

from coterie.language.plan import PlannedEvent, Property, TrackingPlan

_HEADER = (
    "| property | type | unit | personal data | purpose | owner | required | meaning |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def dictionary(plan: TrackingPlan, title: str = "Data dictionary") -> str:
    """The plan as Markdown: one section an event, one row a property, in name order.

    Examples
    --------
    >>> plan = TrackingPlan(events={"Order Completed": PlannedEvent(
    ...     properties={"revenue": Property(type="decimal", scale=2, unit="GBP")})})
    >>> print(dictionary(plan).splitlines()[8])
    | `revenue` | decimal(2) | GBP |  |  |  | no |  |
    """
    head = f"# {title}\n\nTracking plan version {plan.version}, {len(plan.events)} events.\n"
    return head + "".join(_event(name, plan) for name in sorted(plan.events))


def _event(name: str, plan: TrackingPlan) -> str:
    planned = plan.events[name]
    said = [_sentence(planned.description), *_lines(name, planned, plan)]
    said += [f"Purpose: {planned.purpose}."] if planned.purpose else []
    said += [f"Owner: {planned.owner}."] if planned.owner else []
    text = " ".join(filter(None, said))
    rows = "".join(_row(prop, planned.properties[prop]) for prop in sorted(planned.properties))
    table = _HEADER + rows if rows else "No properties.\n"
    return f"\n## {_cell(name)}\n" + (f"\n{_cell(text)}\n" if text else "") + f"\n{table}"


def _sentence(text: str) -> str:
    """A description with a full stop, for more is said after it."""
    return text if not text or text[-1] in ".!?" else f"{text}."


def _lines(name: str, planned: PlannedEvent, plan: TrackingPlan) -> list[str]:
    said = [
        f"Each item of `{array}` is also the event {line}."
        for array, line in sorted(planned.explode.items())
    ]
    if planned.inherit:
        kept = ", ".join(f"`{prop}`" for prop in planned.inherit)
        said.append(f"Its lines carry {kept}, too.")
    parents = [one for one, other in plan.events.items() if name in other.explode.values()]
    return said + [f"One line of {', '.join(sorted(parents))}."] * bool(parents)


def _row(name: str, declared: Property) -> str:
    pii = "" if declared.pii == "none" else f"{declared.pii} (stored as a pseudonym)"
    cells = (
        f"`{name}`", str(declared.kind), declared.unit, pii, declared.purpose, declared.owner,
        "yes" if declared.required else "no", " ".join([declared.description, *_rules(declared)]),
    )  # fmt: skip
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _rules(declared: Property) -> list[str]:
    """What else its values must be, each as a sentence."""
    said = {
        "min": "At least {}.", "max": "At most {}.", "min_length": "At least {} characters.",
        "max_length": "At most {} characters.", "format": "In the format `{}`.",
        "pattern": "It fits `{}`.", "unit_from": "`{}` tells its unit.",
    }  # fmt: skip
    values = [(told, getattr(declared, name)) for name, told in said.items()]
    found = [told.format(value) for told, value in values if value not in (None, "")]
    return found + [f"One of {', '.join(declared.one_of)}."] * bool(declared.one_of)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()
