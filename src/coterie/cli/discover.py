"""Commands that find groups of people: discover, and its list, show and report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coterie.cli.author import author
from coterie.cli.session import AsJson, At, Folder, aside, opened, remark, say, screen
from coterie.errors import CoterieError, ProjectError

if TYPE_CHECKING:
    from coterie.discover.preparing.recipe import Recipe
    from coterie.discover.studying.study import Study
    from coterie.project import Project

Out = Annotated[Path | None, typer.Option(help="The report; by default STUDY.html here.")]
Pick = Annotated[str, typer.Option(help="Another clustering than the recommended one: gmm-full-4.")]
Split = Annotated[
    bool, typer.Option("--split", help="Its clusters split further, as far as tests allow.")
]
Name = Annotated[str, typer.Argument(help="The study; by default the newest.")]


def add(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(
        invoke_without_command=True,
        help="Find groups of people that the data suggests; see, adopt and report them.",
    )
    group.callback()(discover)
    group.command("list")(list_)
    group.command()(show)
    group.command()(reject)
    group.command()(report)
    app.add_typer(group, name="discover")


def discover(
    context: typer.Context,
    traits: Annotated[
        str, typer.Option(help="By which traits: spend,orders_30d. By default all that tell.")
    ] = "",
    segment: Annotated[str, typer.Option(help="Study the people of this segment alone.")] = "",
    purpose: Annotated[
        str, typer.Option(help="What for; by default the segment's or the project's purpose.")
    ] = "",
    at: At = None,
    k: Annotated[str, typer.Option(help="Numbers of clusters to try: 4, 2-10 or 3,5,8.")] = "",
    algorithms: Annotated[
        str, typer.Option(help="Of kmeans, gmm, ward, dbscan, hdbscan; by default all.")
    ] = "",
    floor: Annotated[int, typer.Option(min=1, help="The least people of a segment.")] = 100,
    recipe: Annotated[
        Path | None, typer.Option(help="JSON: how unknowns, outliers and scales are treated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What everything random begins from.")] = 0,
    table: Annotated[
        Path | None,
        typer.Option(help="A CSV or Parquet file of customers, a row each, instead of a project."),
    ] = None,
    id_: Annotated[str, typer.Option("--id", help="With --table: the column of ids.")] = "",
    resume: Annotated[str, typer.Option(help="Go on with a study that was stopped.")] = "",
    adopt: Annotated[
        str, typer.Option(help="Make the clusters of this study live, as definitions.")
    ] = "",
    how: Annotated[
        str, typer.Option("--as", help="With --adopt: rules (to read and edit) or model.")
    ] = "rules",
    names: Annotated[
        str, typer.Option(help="With --adopt: names of the clusters, the largest first.")
    ] = "",
    pick: Pick = "",
    split: Split = False,
    note: Annotated[str, typer.Option(help="With --adopt: why, kept with the definitions.")] = "",
    out: Out = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report.")] = False,
    project: Folder = None,
) -> None:
    """Study which groups of people there are: prepare, try, compare, recommend, report."""
    if context.invoked_subcommand is not None:
        context.obj = project or context.obj
        return
    asked: dict[str, Any] = {
        "k": _numbers(k), "algorithms": _words(algorithms) or None, "floor": floor, "seed": seed,
    }  # fmt: skip
    if table is not None:
        study = _of_table(table, id_, _words(traits), recipe, asked)
        _told(study, None if no_report else out or table.with_suffix(".html"))
        return
    with opened(context, project) as cdp:
        if adopt:
            _adopted(cdp, _found(cdp, adopt, pick, split), how, _words(names), note)
            return
        with _going_on(cdp), _progress() as tell:
            if resume:
                study = cdp.discover.resume(resume, progress=tell)
            else:
                study = cdp.discover(
                    _words(traits), segment=segment, purpose=purpose, at=at,
                    recipe=_recipe(recipe), progress=tell, **asked,
                )  # fmt: skip
        _told(study, None if no_report else out or Path(f"{study.name}.html"))


def _told(study: Study, out: Path | None) -> None:
    _shown(study)
    if out is not None:
        _reported(study, out)


def _of_table(
    path: Path, id_: str, traits: list[str], recipe: Path | None, asked: dict[str, Any]
) -> Study:
    """The study of a file, without a project: nothing is kept of it but its report."""
    from coterie.discover import study
    from coterie.discover.studying.frames import read

    with _progress() as tell:
        return study(
            read(path), traits, id=id_, title=path.stem, recipe=_recipe(recipe), progress=tell,
            **asked,
        )  # fmt: skip


def _adopted(cdp: Project, study: Study, how: str, names: list[str], note: str) -> None:
    if how not in ("rules", "model"):
        raise ProjectError(
            "a study is adopted as one or the other", where="--as", got=repr(how),
            expected="rules or model",
        )  # fmt: skip
    kind: Any = how
    who = author(cdp.folder)
    made = cdp.discover.adopt(study, kind, names=names, author=who, note=note)
    say(
        f"{made.path.relative_to(cdp.folder)}: {', '.join(made.definitions.by_name)}\n"
        f"They put {made.fidelity:.1%} of the people where the study did."
    )
    remark("live with the next `coterie run`, or the next step of a replay")


def list_(context: typer.Context, project: Folder = None) -> None:
    """List the studies that are kept, with what each found."""
    from coterie.cli.studies import listed

    with opened(context, project) as cdp:
        names = cdp.discover.studies
        if not names:
            remark("no study yet: coterie discover")
            return
        screen().print(listed(cdp.discover.kept(name) for name in names))


def show(
    context: typer.Context,
    study: Name = "",
    pick: Pick = "",
    split: Split = False,
    json: AsJson = False,
    project: Folder = None,
) -> None:
    """Show a study: what is recommended and why, its clusters, and all that was tried."""
    with opened(context, project) as cdp:
        found = _found(cdp, study, pick, split)
        if json:
            say(found.as_json())
        else:
            _shown(found)


def reject(
    context: typer.Context,
    study: Name = "",
    note: Annotated[str, typer.Option(help="Why, kept with the study.")] = "",
    project: Folder = None,
) -> None:
    """Note that nothing is to be made of a study."""
    with opened(context, project) as cdp:
        cdp.discover.reject(study, author=author(cdp.folder), note=note)
        say(f"{study or cdp.discover.studies[-1]} is rejected; it is kept with this decision")


def report(
    context: typer.Context,
    study: Name = "",
    pick: Pick = "",
    split: Split = False,
    out: Out = None,
    project: Folder = None,
) -> None:
    """Write the report of a study: one HTML file that needs no network."""
    with opened(context, project) as cdp:
        found = _found(cdp, study, pick, split)
        _reported(found, out or Path(f"{found.name}.html"))


@contextmanager
def _going_on(cdp: Project) -> Iterator[None]:
    """Say how to go on with a study that Ctrl-C stopped."""
    try:
        yield
    except KeyboardInterrupt:
        names = cdp.discover.studies
        if names and cdp.discover.kept(names[-1]).finished is None:
            remark(f"\nto go on: coterie discover --resume {names[-1]}")
        raise


def _found(cdp: Project, name: str, pick: str, split: bool) -> Study:
    study = cdp.discover.study(name)
    study = study.pick(pick) if pick else study
    return study.split() if split else study


def _shown(study: Study) -> None:
    from coterie.cli.studies import shown

    screen().print(shown(study))


def _reported(study: Study, path: Path) -> None:
    console = aside()
    with console.status("Drawing the report") if console.is_terminal else nullcontext():
        study.report(path)
    say(f"{path}: {path.stat().st_size / 1e6:.1f} MB, open it in a browser")


def _words(said: str) -> list[str]:
    return [word.strip() for word in said.split(",") if word.strip()]


def _numbers(said: str) -> list[int] | None:
    """Numbers as people write them: 4, 2-10, 3,5,8."""
    found: list[int] = []
    try:
        for part in _words(said):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError:
        raise ProjectError(
            "these are no numbers of clusters", where="--k", got=repr(said),
            expected="such as 4, 2-10 or 3,5,8",
        ) from None  # fmt: skip
    return found or None


def _recipe(path: Path | None) -> Recipe | None:
    if path is None:
        return None
    from coterie.discover import Recipe

    try:
        return Recipe.read(path.read_bytes())
    except FileNotFoundError:
        raise CoterieError("there is no such recipe", where=str(path)) from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """One bar for the whole study, with the step at hand; elsewhere than on a terminal nothing."""
    console = aside()
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        task = bars.add_task("Gathering", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total or None)

        yield tell
