"""One project: its folder, settings, definitions and stores, and everything they can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.collect.mapping import Mapping
from coterie.collect.quarantine import Outcome
from coterie.collect.rows import Edit
from coterie.collect.summary import Summary
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.erase import Report
from coterie.profiles.flushing import Progress, silent
from coterie.profiles.why import Explanation
from coterie.project import (
    exporting,
    importing,
    previewing,
    receiving,
    running,
    status,
    tables,
    versions,
)
from coterie.project import folder as folders
from coterie.project import history as past
from coterie.project.destinations import Destinations
from coterie.project.frame import Frame
from coterie.project.history import HistoryReport, MembersReport
from coterie.project.opened import At, Now, Opened, now
from coterie.project.people import People
from coterie.project.previewing import PreviewReport
from coterie.project.receiving import Received
from coterie.project.reports import ExportReport, ProfileReport, RunReport, StatusReport
from coterie.project.samples import SampleReport, tried
from coterie.project.schedules.listing import ScheduleReport, listed
from coterie.project.segments import Segments
from coterie.project.versions import DifferencesReport, VersionsReport

if TYPE_CHECKING:
    from coterie.discover.auditing import Audit
    from coterie.pictures import Pictures
    from coterie.project.discovering import Discovery
    from coterie.project.drafting import Drafting
    from coterie.project.streaming.stream import Stream


class Project(Opened):
    """A project opened; a context manager.

    Parameters
    ----------
    folder : Path
        With a ``coterie.toml`` in it.
    clock : callable
        The instant now, for what is received and for ``run(until="now")``.

    Notes
    -----
    Only `run`, `import_`, `erase`, `receive`, `replay` and `stream.replay` write, one process at a
    time. Whatever takes `at` reads what was true then by what is known now, and writes nothing.
    """

    @cached_property
    def people(self) -> People:
        """One person at a time."""
        return People(self)

    @property
    def destinations(self) -> Destinations:
        """Where changes of audiences are sent, and what became of each."""
        return Destinations(self)

    @cached_property
    def stream(self) -> Stream:
        """Everybody kept current: ``cdp.stream.replay()``, ``.watch("vip")``, ``.verify()``."""
        from coterie.project.streaming.stream import Stream

        return Stream(self)

    # --- asking -----------------------------------------------------------------------------

    @property
    def segments(self) -> Segments:
        """Every segment and set of stages by name.

        Examples
        --------
        ``cdp.segments["champions"].profiles()`` is its audience.
        """
        return Segments(self)

    @property
    def pictures(self) -> Pictures:
        """Charts of everybody: ``cdp.pictures.rfm()`` draws itself in a notebook."""
        from coterie.pictures import Pictures

        return Pictures(self)

    @property
    def discover(self) -> Discovery:
        """Which groups of people there are: ``study = cdp.discover()``; what is kept of it.

        Raises
        ------
        CoterieError
            What ``coterie[discover]`` brings is not installed.
        """
        from coterie.project.discovering import Discovery

        return Discovery(self)

    @property
    def drafting(self) -> Drafting:
        """Definitions that are being written: checked, counted, previewed, saved as files."""
        from coterie.project.drafting import Drafting

        return Drafting(self)

    def audit(
        self, traits: Sequence[str] = (), *, target: str = "", at: At = None, seed: int = 0
    ) -> Audit:
        """What is held of people: type, unknowns, spread, age and use of each attribute.

        Parameters
        ----------
        traits : sequence of str, optional
            By default every trait that has a distribution and is not personal.
        target : str, optional
            A segment, stage or trait: how much each attribute tells of it.
        seed : int
            Of samples and shuffles.

        Examples
        --------
        ``cdp.audit(target="champions").report("audit.html")`` writes one page.
        """
        from coterie.discover.installed import needed

        needed()
        from coterie.discover.auditing import audit

        return audit(self, traits, target=target, at=at, seed=seed)

    def traits(
        self,
        names: Sequence[str],
        at: At | Sequence[At] = None,
        profiles: Sequence[str] | None = None,
        *,
        purpose: str = "",
    ) -> Frame:
        """The values of any definitions, one row a person and instant.

        Parameters
        ----------
        names : sequence of str
            Traits, segments or stages; also ``may_<purpose>``, whether they may be used for it.
        at : instant or sequence of them, optional
            By default that of the last run.
        profiles : sequence of str, optional
            Raw ids or pseudonyms; by default everyone known by then.
        purpose : str, optional
            By default the project's own. Whoever may not be used for it then is left out there.

        Returns
        -------
        Frame
            ``profile``, ``at`` (UTC) and a column for each name.
        """
        return tables.traits(self, names, at, profiles, purpose)

    def profile(self, person: str, at: At = None, *, events: int = 20) -> ProfileReport:
        """One person: traits, segments, stages, and the newest events.

        Raises
        ------
        UnknownPerson
            Nobody is known by this id.
        """
        return self.people.report(person, self.instant(at), events)

    def why(self, person: str, name: str, at: At = None) -> Explanation:
        """Why a person is in a segment or stage, or not, or what a trait is made of."""
        return self.people.why(person, name, self.instant(at))

    def history(self, name: str, *, known: bool = False) -> HistoryReport:
        """The size of a segment or stages over time, as runs recorded it: law 6's two times.

        Parameters
        ----------
        name : str
            ``champions``, ``lifecycle``, ``lifecycle.loyal``; also one that is defined no more.
        known : bool
            By today's definitions and all that is known now, at the instants of the runs.
        """
        return past.history(self, name, known=known)

    def members(self, name: str, *, on: At = None, at: At = None) -> MembersReport:
        """The people of a segment or of one stage on a day.

        Parameters
        ----------
        on : instant, optional
            By what was believed then: the change records folded up to the last run by then.
            By default those of the last run.
        at : instant, optional
            By what is known now instead.

        Notes
        -----
        Who is listed might be used for the segment's purpose then and may be used for it still;
        the others are counted.
        """
        return past.members(self, name, self.instant(on), self.instant(at))

    def versions(self) -> VersionsReport:
        """Every version of the definitions: when, by whom, why, and what it changed."""
        return versions.versions(self)

    def differences(self, old: int | None = None, new: int | None = None) -> DifferencesReport:
        """What two versions of the definitions do not share.

        Parameters
        ----------
        old : int, optional
            A version; by default that of the last run.
        new : int, optional
            A version; by default the files as they are now.
        """
        return versions.compared(self, old, new)

    def preview(self) -> PreviewReport:
        """Who would enter and leave each segment by the edit of the definitions alone.

        The last run's position is answered by today's definitions and nothing is written; the
        next run records just these changes, with the cause ``edit``.
        """
        return previewing.preview(self)

    def test(self, file: Path | None = None, *, postgres: str = "") -> SampleReport:
        """Try the definitions on sample people, on every engine; reads none of the stores.

        Parameters
        ----------
        file : Path, optional
            By default ``tests/profiles.yaml`` of the project.
        postgres : str, optional
            A connection string: PostgreSQL is asked as well as the reference and DuckDB.

        Raises
        ------
        DefinitionErrors
            With every error of the file, each with its line.
        """
        return tried(self, file, postgres)

    def schedule(self) -> ScheduleReport:
        """What `coterie.toml` schedules: when next, what came of the last, what was missed."""
        return listed(self)

    def sql(self, names: Sequence[str]) -> str:
        """The SQL by which definitions are answered, statement by statement."""
        for name in names:
            self.library.definition(name)
        return self.answers.sql(names)

    def status(self) -> StatusReport:
        """The fates of all that was received, the clock, and the size of the stores."""
        return status.status(self)

    def export(
        self,
        segment: str,
        out: Path,
        format: str = "csv",  # noqa: A002 - what a user calls it
        *,
        traits: Sequence[str] = (),
        at: At = None,
        ids: Sequence[str] | None = None,
    ) -> ExportReport:
        """Write the audience of a segment, or of one stage (``lifecycle.loyal``), to a file.

        Parameters
        ----------
        format : {"csv", "csv-raw", "jsonl", "parquet"}
        traits : sequence of str
            Written beside the pseudonym.
        ids : sequence of str, optional
            The caller's own ids: only these people are written, with their id.
        """
        return exporting.export(
            self, segment, out, format, traits=traits, at=self.instant(at), ids=ids
        )

    # --- changing ---------------------------------------------------------------------------

    def run(
        self,
        until: At = None,
        *,
        note: str = "",
        author: str = "",
        progress: Progress = silent,
    ) -> RunReport:
        """Move the clock, compute everybody's traits and segments, and record the changes.

        Parameters
        ----------
        until : instant, "now" or "last", optional
            ``last`` is the instant of the newest event. By default now; but where the newest
            event is more than 30 days old and the clock has not passed it, that must be said.
        note, author : str, optional
            Kept with the run, and shown with the version of the definitions that it brings in.

        Raises
        ------
        ClockError
            The clock stands later already, or would leave old data far behind unasked.

        Notes
        -----
        Whatever `coterie.toml` schedules between the former clock and this one happens on the way,
        in order, each as of its exact instant.
        """
        return running.run(self, until, note, author, progress)

    def import_(
        self,
        files: Sequence[Path | str],
        mapping: Mapping | Path | None = None,
        *,
        source: str = "",
        folder: Path | None = None,
        progress: Progress = silent,
    ) -> Summary:
        """Bring files into the log and the lake.

        Parameters
        ----------
        mapping : Mapping or Path, optional
            What the columns mean; where it is not given, as in the last import of the source
            where that fits the first file, else inferred from it.
        source : str, optional
            Where the facts come from; files of one system share it.
        folder : Path, optional
            Where second files of the mapping are looked for, besides the files' own folders.
        """
        paths = [Path(file) for file in files]
        meant = importing.mapping_for(self, paths, mapping, source)
        beside = mapping.parent if isinstance(mapping, Path) else folder
        return importing.import_files(self, paths, meant, beside, progress)

    def receive(self, plan: TrackingPlan, batches: Iterable[list[Event]]) -> Received:
        """Store events with raw identifiers, through the same pseudonyms and gate as files.

        Parameters
        ----------
        plan : TrackingPlan
            What the events are; the project's own plan is made to cover it.
        """
        return receiving.receive(self, plan, batches)

    def replay(
        self, mended: Path | dict[str, Edit] | None = None, *, source: str | None = None,
        reason: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Import rows of the quarantine again: as somebody mended them, or as they are.

        Parameters
        ----------
        mended : Path or dict, optional
            An exported file whose cells were edited, or edits by the ids of their rows.
        """
        return importing.replay(self, mended, source, reason)

    def erase(self, person: str) -> Report:
        """Delete one person from every store, and scan what is left for them.

        Raises
        ------
        UnknownPerson
            Nobody is known by this id.
        """
        return self.people.erase(person)


def open(folder: str | Path = ".", *, clock: Now = now) -> Project:  # noqa: A001 - as in coterie.open
    """The project that a folder is, or stands in.

    Raises
    ------
    ProjectError
        There is none.
    """
    return Project(folders.find(Path(folder)), clock)
