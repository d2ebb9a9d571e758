"""What a project's people fall into: ``cdp.discover()``, and the studies that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.discover.installed import needed
from coterie.errors import CoterieError
from coterie.profiles.flushing import Progress, silent
from coterie.project import folder as folders

if TYPE_CHECKING:
    from coterie.discover.adopting import Adopted, How
    from coterie.discover.adopting.comparing import Comparison
    from coterie.discover.clustering.plan import Plan
    from coterie.discover.keeping.decisions import Decision
    from coterie.discover.keeping.shelf import Kept, Shelf
    from coterie.discover.preparing.recipe import Recipe
    from coterie.discover.splitting import Review
    from coterie.discover.studying.study import Study
    from coterie.project.opened import At
    from coterie.project.project import Project


def shelf(project: Project) -> Shelf:
    """Where studies are kept; what they are made with need not be installed to look through it."""
    from coterie.discover.keeping.shelf import Shelf

    return Shelf(project.folder / folders.DATA / folders.STUDIES)


class Discovery:
    """Studies of a project; called, it makes one.

    Parameters
    ----------
    project : Project

    Raises
    ------
    CoterieError
        What ``coterie[discover]`` brings is not installed.
    """

    def __init__(self, project: Project) -> None:
        needed()
        self._project = project

    def __call__(
        self,
        traits: Sequence[str] = (),
        *,
        segment: str = "",
        purpose: str = "",
        at: At = None,
        k: int | Sequence[int] | None = None,
        algorithms: Sequence[str] | str | None = None,
        recipe: Recipe | None = None,
        floor: int = 100,
        seed: int = 0,
        plan: Plan | None = None,
        progress: Progress = silent,
    ) -> Study:
        """Study which groups of people there are, and keep the study.

        Parameters
        ----------
        traits : sequence of str
            Traits, segments (as truths) or stages that people are told apart by; by default every
            trait of the project that can tell groups apart.
        segment : str, optional
            A segment, or a stage such as ``lifecycle.loyal``, whose people are studied.
        purpose : str, optional
            What for: nobody is in it who may not be used for it. By default that of the segment,
            else the project's default purpose.
        at : instant, optional
            By default that of the last run.
        k : int or sequence of int, optional
            The numbers of clusters to try; by default 2 to 10.
        algorithms : sequence of str, optional
            Of ``kmeans``, ``gmm`` (or one of ``gmm-full``, ``gmm-tied``, ``gmm-diag``), ``ward``,
            ``dbscan``, ``hdbscan``; by default all.
        recipe : coterie.discover.Recipe, optional
            How unknowns, outliers, skew, categories and scales are treated.
        floor : int
            The least people that a segment is worth making for.
        seed : int
            The same people, choices and seed give the same study.
        plan : coterie.discover.Plan, optional
            How thoroughly: repetitions, samples.

        Raises
        ------
        UnknownName, NoPurpose, WrongType
            A trait, the segment or the purpose is not what it should be.
        CoterieError
            There are too few people, or nothing that tells them apart.

        Notes
        -----
        Every finished clustering is kept at once: a study that was stopped goes on with `resume`.
        """
        from coterie.discover.gathering import gather
        from coterie.discover.studying.choices import choices
        from coterie.discover.studying.making import made

        project = self._project
        asked = choices(
            traits, segment=segment, purpose=purpose, k=k, algorithms=algorithms, recipe=recipe,
            floor=floor, seed=seed, plan=plan,
        )  # fmt: skip
        progress("Gathering", 0, 1)
        crowd = gather(project, asked.traits, segment=segment, purpose=purpose, at=at)
        progress("Gathering", 1, 1)
        return made(
            crowd, asked, title=project.settings.name, shelf=self._shelf, made_at=project.now(),
            progress=progress,
        )  # fmt: skip

    @property
    def _shelf(self) -> Shelf:
        return shelf(self._project)

    @property
    def studies(self) -> list[str]:
        """The names of the studies that are kept, oldest first."""
        return self._shelf.names

    def kept(self, name: str) -> Kept:
        """The folder of a study, also of one that was stopped."""
        return self._shelf.open(name)

    def study(self, name: str = "") -> Study:
        """A study that is kept and finished.

        Parameters
        ----------
        name : str
            By default the newest.

        Raises
        ------
        CoterieError
            There is none of this name, or it was stopped before it was finished.
        """
        from coterie.discover.studying.making import resumed

        kept = self._shelf.open(name or self._newest())
        if kept.finished is None:
            raise CoterieError(
                "the study was stopped before it was finished", where=kept.name,
                hint=f"coterie discover --resume {kept.name}",
            )  # fmt: skip
        return resumed(kept, title=self._project.settings.name)

    def resume(self, name: str = "", *, progress: Progress = silent) -> Study:
        """Go on with a study that was stopped, with the people that it began with."""
        from coterie.discover.studying.making import resumed

        kept = self._shelf.open(name or self._newest())
        return resumed(kept, title=self._project.settings.name, progress=progress)

    def adopt(
        self,
        study: Study | str = "",
        how: How = "rules",
        *,
        names: Sequence[str] = (),
        author: str = "",
        note: str = "",
    ) -> Adopted:
        """Make the clusters of a study live: definitions that a run and the stream keep current.

        Parameters
        ----------
        study : Study or str
            One of ``study(...)``, perhaps with another candidate picked; or its name, by default
            the newest.
        how : {"rules", "model"}
            Rules that people can read and edit, or the clustering itself as a fitted trait.
        names : sequence of str
            Of the clusters, in order; by default those of the persona cards.
        author, note : str
            Who adopts it, and why.

        Raises
        ------
        CoterieError
            There are no stable clusters, or the model cannot be applied to one person at a time.

        Notes
        -----
        It writes a file into ``definitions/``; memberships change with the next run. The decision
        is kept with the study.
        """
        from coterie.discover.adopting import adopt
        from coterie.discover.keeping.decisions import Decision

        found = self.study(study) if isinstance(study, str) else study
        made = adopt(self._project, found, how, names=names, author=author, note=note)
        if found.kept is not None:
            decision = Decision(
                decided="adopted", at=self._project.now(), author=author, note=note, how=how,
                candidate=found.needed().name, fidelity=made.fidelity,
                file=made.path.relative_to(self._project.folder).as_posix(),
                definitions=tuple(made.definitions.by_name),
            )  # fmt: skip
            found.kept.decide(decision)
        return made

    def reject(self, name: str = "", *, author: str = "", note: str = "") -> Decision:
        """Note that nothing is to be made of a study, and why; the study stays.

        Parameters
        ----------
        name : str
            By default the newest.
        author, note : str
            Who rejects it, and why.

        Notes
        -----
        Definitions that were adopted from it before stay in force: their file is deleted by hand.
        """
        from coterie.discover.keeping.decisions import Decision

        kept = self._shelf.open(name or self._newest())
        decision = Decision(decided="rejected", at=self._project.now(), author=author, note=note)
        kept.decide(decision)
        return decision

    def compare(self, study: Study | str = "", at: Sequence[At] = ()) -> Comparison:
        """Where the rules and the model of a study put people at several instants.

        Parameters
        ----------
        at : sequence of instant
            By default that of the study alone.
        """
        from coterie.discover.adopting import compare

        found = self.study(study) if isinstance(study, str) else study
        return compare(self._project, found, at or [found.crowd.at])

    def review(
        self,
        names: Sequence[str] = (),
        *,
        outcome: str = "",
        traits: Sequence[str] = (),
        floor: int = 100,
        purpose: str = "",
        at: At = None,
    ) -> Review:
        """Which segments are alike, too small or weak, and which hold more than one group.

        Parameters
        ----------
        names : sequence of str
            Segments, stages, or single ones of them; by default all.
        outcome : str, optional
            What segments are for: a number, a truth or a segment.
        traits : sequence of str
            By which people are compared; by default all that tell, the outcome apart.
        floor : int
            The least people of a segment.
        """
        from coterie.discover.splitting import Limits, reviewed

        return reviewed(
            self._project, names, outcome=outcome, traits=traits, purpose=purpose, at=at,
            limits=Limits(floor=floor),
        )  # fmt: skip

    def _newest(self) -> str:
        names = self.studies
        if not names:
            raise CoterieError("there is no study yet", hint="type: coterie discover")
        return names[-1]
