"""A plain table: its types, and what is wrong with it, said clearly and never guessed silently."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.discover import Choice, Plan, Recipe, Study, study
from coterie.discover.crowd import Kind
from coterie.discover.studying.frames import crowd_of
from coterie.errors import CoterieError
from tests.cli.test_commands import coterie as typed

QUICK = Plan(
    algorithms=("kmeans",), ks=(2, 3), bootstraps=2, splits=2, references=2, resampled_people=200
)
N = 300


def blobs() -> pd.DataFrame:
    """Two kinds of people, far apart."""
    rng = np.random.default_rng(0)
    kind = np.arange(N) % 2
    return pd.DataFrame(
        {"spend": rng.normal(100 + 400 * kind, 20), "visits": rng.normal(5 + 20 * kind, 1)}
    )


def with_column(name: str, values: object) -> pd.DataFrame:
    return blobs().assign(**{name: values})


def quick(frame: pd.DataFrame, **more: object) -> Study:
    return study(frame, plan=QUICK, **more)  # type: ignore[arg-type]


def test_types_are_those_of_the_values() -> None:
    """Numbers written as text, truths of two words, codes, orders, instants; each is noted."""
    frame = pd.DataFrame(
        {
            "charges": ["29.85", " ", "108.15"],
            "partner": ["Yes", "No", "Yes"],
            "senior": [0, 1, 0],
            "region": [3, 1, 3],
            "tier": ["Gold", "Bronze", "Bronze"],
            "since": pd.to_datetime(["2024-01-01", "2024-02-01", None]),
            "plan": ["monthly", "yearly", None],
        }
    )
    crowd = crowd_of(frame, category=["region"], ordinal={"tier": ["Bronze", "Gold"]})
    assert {column.name: column.kind for column in crowd.columns} == {
        "charges": Kind.NUMBER, "partner": Kind.BOOLEAN, "senior": Kind.BOOLEAN,
        "region": Kind.CATEGORY, "tier": Kind.ORDINAL, "since": Kind.INSTANT,
        "plan": Kind.CATEGORY,
    }  # fmt: skip
    assert crowd.frame["charges"].isna().sum() == 1
    assert crowd.frame["partner"].tolist() == [True, False, True]
    assert [note.column for note in crowd.notes] == ["charges", "partner", "senior"]


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("country", "UK", "the same for everybody"),
        ("fax", np.nan, "unknown for everybody"),
        ("fax", None, "unknown for everybody"),
        ("street", [f"street {i}" for i in range(N)], "tells people apart, not groups"),
        ("score", [*map(str, range(N - 1)), "a lot"], "text in a column of numbers (1 of 300"),
        ("score", [np.inf, *np.random.default_rng(2).normal(size=N - 1)], "infinite"),
        ("score", [np.nan] * (N - 5) + [1.0, 2.0, 3.0, 4.0, 5.0], "unknown"),
    ],
    ids=["constant", "missing", "none", "distinct", "text", "infinite", "mostly-missing"],
)
def test_odd_column_is_noted_and_the_study_goes_on(name: str, values: object, said: str) -> None:
    """What is strange about it stands in the notes; the groups that are there are found."""
    found = quick(with_column(name, values))
    assert any(note.column == name and said in note.said for note in found.notes), found.notes
    assert found.chosen is not None
    assert found.chosen.k == 2
    assert np.isfinite(found.prepared.matrix).all()


def test_ten_thousand_categories_are_one_note() -> None:
    """A text that tells everybody apart gives no features, and takes no time."""
    many = pd.concat([blobs()] * 34, ignore_index=True)
    many["code"] = [f"c{i % 10_000}" for i in range(len(many))]
    crowd = crowd_of(many)
    assert [column.name for column in crowd.columns] == ["spend", "visits"]
    assert "10,000 different texts" in crowd.notes[0].said
    named = crowd_of(many, ["spend", "code"])
    assert [column.name for column in named.columns] == ["spend", "code"]


def everybody_alike() -> pd.DataFrame:
    return pd.DataFrame({"spend": [5.0] * N, "visits": [1] * N})


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (lambda: blobs().head(5), "people"),
        (lambda: blobs().head(0), "no people"),
        (lambda: pd.DataFrame(index=range(N)), "no people"),
        (everybody_alike, "the same for everybody"),
        (lambda: pd.DataFrame({"spend": [np.nan] * N}), "unknown for everybody"),
        (lambda: pd.DataFrame({"name": [f"n{i}" for i in range(N)]}), "tells people apart"),
        (lambda: blobs().set_index(np.zeros(N)), "each person has one row"),
        (lambda: blobs().set_axis(["a", "a"], axis=1), "one name"),
    ],
    ids=["five", "empty", "no-columns", "alike", "missing", "names", "twice", "columns-twice"],
)
def test_hopeless_table_is_refused_with_its_reason(
    frame: Callable[[], pd.DataFrame], said: str
) -> None:
    """An error that a person understands, and nothing else."""
    with pytest.raises(CoterieError) as refused:
        quick(frame())
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"traits": ["spent"]}, "did you mean 'spend'?"),
        ({"traits": "spend"}, "traits are several names"),
        ({"id": "customer"}, "no column 'customer'"),
        ({"k": 1}, "too small"),
        ({"algorithms": ["kmean"]}, "not known"),
        ({"floor": 0}, "somebody"),
        ({"recipe": Recipe(columns={"spent": Choice(use=False)})}, "did you mean 'spend'?"),
    ],
    ids=["trait", "text", "id", "k", "algorithm", "floor", "recipe"],
)
def test_wrong_choice_is_answered_with_the_right_one(more: dict[str, object], said: str) -> None:
    """Before anything runs, with the place and the nearest right name."""
    with pytest.raises(CoterieError) as refused:
        quick(blobs(), **more)
    assert said in str(refused.value)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_file_of_customers_is_studied_by_the_command(kind: str, tmp_path: Path) -> None:
    """Without a project: the verdict on the screen, and a report beside the file."""
    file = tmp_path / f"customers.{kind}"
    table = blobs().assign(customer=[f"c{i}" for i in range(N)])
    table.to_parquet(file) if kind == "parquet" else table.to_csv(file, index=False)
    report = tmp_path / "found.html"
    arguments = ("--id", "customer", "--k", "2", "--algorithms", "kmeans", "--floor", "50")
    more = ("--out", report) if kind == "csv" else ("--no-report",)
    done = typed("discover", "--table", file, *arguments, *more)
    assert "kmeans-2 is recommended" in " ".join(done.output.split()), done.output
    assert report.exists() == (kind == "csv")


@pytest.mark.parametrize(
    ("name", "raw"), [("none.csv", None), ("empty.csv", b""), ("odd.parquet", b"PAR?")]
)
def test_unreadable_table_is_said(name: str, raw: bytes | None, tmp_path: Path) -> None:
    """By its name and what was expected."""
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    done = typed("discover", "--table", tmp_path / name)
    assert done.exit_code == 1
    assert "the table cannot be read" in done.output
    assert "a CSV file with a header, or Parquet" in done.output


def test_one_heap_has_no_stable_clusters() -> None:
    """The study says so, has its candidates to look at, and describes none."""
    heap = pd.DataFrame(np.random.default_rng(1).normal(size=(N, 3)), columns=list("abc"))
    found = quick(heap)
    assert found.chosen is None
    assert found.recommendation.reasons[0] == "There are no stable clusters here."
    assert len(found.table) == len(found.candidates) == 2
    with pytest.raises(CoterieError, match="no stable clusters"):
        found.personas()
    assert len(found.pick("kmeans-2").personas()) == 2
