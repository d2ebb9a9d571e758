"""Putting what a study found into a project, where everything that lives can read it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from coterie.discover.adopting.defining import definitions, within
from coterie.discover.adopting.inputs import inputs
from coterie.discover.adopting.modelling import fidelity, parameters
from coterie.discover.adopting.writing import check_unedited, write
from coterie.discover.candidates import Candidate
from coterie.discover.crowd import Crowd
from coterie.discover.distilling import Rules
from coterie.discover.explaining import Persona
from coterie.discover.prepared import Prepared
from coterie.errors import DefinitionError
from coterie.language.codec import to_yaml
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.load import load
from coterie.language.time import iso
from coterie.profiles.activating import activate
from coterie.profiles.stores import Stores

How = Literal["rules", "model"]
FOLDER = "definitions"


class Host(Protocol):
    """What a study is adopted into: a project, or whatever is written as one."""

    @property
    def folder(self) -> Path:
        """Where definitions are kept."""

    @property
    def library(self) -> Library:
        """The definitions, checked."""

    def writing(self) -> AbstractContextManager[Stores]:
        """The stores, while nobody else may change them."""

    def now(self) -> int:
        """Now, in microseconds UTC."""

    def reload(self) -> None:
        """Read the definitions anew when they are next asked for."""


class Chosen(Protocol):
    """What was asked of a study."""

    @property
    def segment(self) -> str:
        """The segment or stage whose people alone were studied; empty for everybody."""


class Studied(Protocol):
    """A study, as far as it is adopted."""

    @property
    def name(self) -> str:
        """Such as ``study-7``."""

    @property
    def crowd(self) -> Crowd:
        """Whom it studied."""

    @property
    def choices(self) -> Chosen:
        """What was asked."""

    @property
    def prepared(self) -> Prepared:
        """The way to its matrix."""

    def needed(self) -> Candidate:
        """The chosen clustering, or the error that there is none."""

    def personas(self) -> Sequence[Persona]:
        """A card for each cluster, with its name."""

    def distill(self) -> Rules:
        """Its clusters as rules."""


@dataclass(frozen=True)
class Adopted:
    """What was written.

    Parameters
    ----------
    how : {"rules", "model"}
    path : Path
        The file of definitions.
    definitions : Definitions
    names : tuple of str
        Of the clusters, in order.
    fidelity : float
        The part of people whom the definitions put where the study did: of rules measured on
        people held out, of a model on everybody who has a cluster.
    version : int or None
        The log offset at which the model's parameters became active; None for rules.
    """

    how: How
    path: Path
    definitions: Definitions
    names: tuple[str, ...]
    fidelity: float
    version: int | None = None


def adopt(
    cdp: Host,
    study: Studied,
    how: How = "rules",
    *,
    names: Sequence[str] = (),
    author: str = "",
    note: str = "",
) -> Adopted:
    """Make the clusters of a study definitions of a project, which run and stream keep current.

    Parameters
    ----------
    cdp : Host
    study : Studied
        Its chosen clustering is taken; ``study.pick(...)`` chooses another.
    how : {"rules", "model"}
        ``rules``: what :func:`coterie.discover.distilling.distill` made of it, which people can
        read and edit. ``model``: the clustering itself, as a fitted trait. Both may be adopted.
    names : sequence of str
        Of the clusters; by default those of the persona cards.
    author, note : str
        Who adopts it, and why: kept at the head of the file, and with a model's version.

    Raises
    ------
    CoterieError
        There are no stable clusters, or the model cannot be applied to one person at a time.
    DefinitionError
        Somebody edited the file since it was adopted; nothing is written then.
    DuplicateName
        Another file of the project defines one of the names; nothing is written then.
    DefinitionErrors, UnknownName
        The project lacks a trait that the study read; nothing is written then.

    Notes
    -----
    The file is ``definitions/study_7.yaml``, or ``definitions/study_7_model.yaml``; adopting again
    writes it anew unless somebody edited it. Memberships change with the next run, by an ``edit``,
    or with the stream's next step, by an ``edit`` and the ``refit`` in which it learns of the
    model. What another version of the model changes is a ``refit``.
    """
    names = tuple(names) or tuple(card.name for card in study.personas())
    base, purpose = study.name.replace("-", "_"), _purpose(cdp, study)
    if how == "rules":
        rules = study.distill().renamed(names)
        found, agreed = rules.definitions(base, purpose), rules.fidelity.value
    else:
        agreed = fidelity(study.prepared, study.needed())
        found = _model(cdp, study, base, names, purpose, agreed)
    found = within(found, study.choices.segment, cdp.library)
    path = cdp.folder / FOLDER / (f"{base}.yaml" if how == "rules" else f"{base}_model.yaml")
    check_unedited(path)
    _check(cdp, found, path)
    version = _activated(cdp, study, author, note) if how == "model" else None
    head = _head(study, how, author, cdp.now(), note)
    write(path, head, to_yaml(found))
    cdp.reload()
    return Adopted(how, path, found, names, agreed, version)


def _activated(cdp: Host, study: Studied, author: str, note: str) -> int:
    made = parameters(study.prepared, study.needed())
    with cdp.writing() as stores:
        return activate(stores, study.name, made, author=author, note=note).offset


def _purpose(cdp: Host, study: Studied) -> str:
    """The study's purpose, where it is another than the project's default."""
    library, purpose = cdp.library, study.crowd.purpose
    other = purpose in library.purposes and purpose != library.default_purpose
    return purpose if other else ""


def _model(
    cdp: Host, study: Studied, base: str, names: Sequence[str], purpose: str, agreed: float
) -> Definitions:
    candidate = study.needed()
    if len(names) != len(study.personas()):
        raise DefinitionError(
            "clusters need a name each", where=study.name, got=f"{len(names)} names",
            expected=f"{len(study.personas())}",
        )  # fmt: skip
    read = inputs(study.prepared.features, study.crowd.columns, cdp.library)
    description = f"the clusters of {study.name} by {candidate.name}; live they agree with it for "
    return definitions(
        base, study.name, read, names, purpose=purpose, description=f"{description}{agreed:.1%}"
    )


def _check(cdp: Host, found: Definitions, path: Path) -> None:
    """Refuse what the project's other definitions and these together do not mean."""
    there = load(cdp.folder)
    own = path.relative_to(cdp.folder).as_posix()
    kept = [name for name, where in there.where.items() if where.split(":")[0] != own]
    together = Definitions(
        {name: there.by_name[name] for name in kept}, {name: there.where[name] for name in kept}
    )
    together.merge(found)
    now = cdp.library
    Library(together, now.plan, now.purposes, now.default_purpose)


def _head(study: Studied, how: How, author: str, at: int, note: str) -> list[str]:
    who = f" by {author}" if author else ""
    what = f"The {how} of {study.name} ({study.needed().name}), adopted{who} at {iso(at)}."
    return [what, *note.strip().splitlines()]
