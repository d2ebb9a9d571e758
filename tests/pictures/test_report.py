"""The report is one file that fetches nothing, names nobody, and can be read without its charts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from coterie.cli.main import app
from coterie.errors import ProjectError, UnknownName
from coterie.language.time import DAY, iso
from coterie.pictures import page, sizes
from coterie.pictures.report import apart
from coterie.pictures.saying import table
from coterie.project import Project, folder
from coterie.project import open as open_project

pytestmark = pytest.mark.xdist_group("pictures")


class Read(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script":
            self.scripts.append(data)
        elif self._in != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def written(shop: Project, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("report") / "report.html"
    shop.pictures.report(out)
    return out.read_text("utf-8")


@pytest.fixture(scope="module")
def read(written: str) -> Read:
    return Read(written)


def test_report_fetches_nothing(read: Read) -> None:
    """No element names an address, and the page's policy would refuse every one."""
    addresses = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster", "background", "xlink:href"}
    ]
    assert addresses
    assert [one for one in addresses if not str(one).startswith(("#", "data:,"))] == []
    (policy,) = [m["content"] for m in read.all("meta") if m.get("http-equiv")]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert not read.all("iframe") + read.all("object") + read.all("img")


def test_style_and_charts_fetch_nothing(written: str, read: Read) -> None:
    """No style imports, and the data of every chart is in it."""
    (style,) = re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
    assert not re.search(r"url\(|@import", style)
    assert '"url"' not in read.scripts[0]
    assert "http" not in read.scripts[0]


def test_only_the_reports_own_script_may_run(read: Read) -> None:
    """The policy names the hash of the one script; what a definition says is never run."""
    charts, script = read.scripts
    json.loads(charts)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(m["content"] for m in read.all("meta") if m.get("http-equiv"))
    assert f"script-src 'sha256-{digest}'" in str(policy)
    assert not any(name.startswith("on") for _, found in read.tags for name in found)


def test_report_names_nobody(shop: Project, written: str) -> None:
    """Neither a pseudonym nor a raw id nor an e-mail address is anywhere in the file."""
    names_no_one(shop, written)
    orders = shop.stores.log.read(0, 10_000, "event")
    raw = {str(e.event.properties["order_id"]) for e in orders if "order_id" in e.event.properties}
    assert raw
    assert not [one for one in raw if one in written]


def names_no_one(project: Project, written: str) -> None:
    people = project.traits([])["profile"]
    assert people
    assert not [person for person in people if person in written]
    told = written[: written.index('<script type="application/json"')]
    assert not re.findall(r"\b[0-9a-f]{32}\b", told)
    assert not re.findall(r"[\w.+-]+@[\w-]+\.[a-z]{2,}", told)


def test_every_chart_has_its_place_and_its_numbers(read: Read) -> None:
    """Each specification is drawn somewhere with a name to read aloud, a line and a table."""
    specs = json.loads(read.scripts[0])["specs"]
    places = [d for d in read.all("div") if d.get("class") == "chart"]
    assert sorted(str(place["id"]) for place in places) == sorted(specs)
    assert all(place["role"] == "img" and place["aria-label"] for place in places)
    assert len(read.all("table")) == len(read.all("figcaption")) == len(specs) > 20
    assert all(spec["width"] == "container" for spec in specs.values())


def test_each_segment_stands_beside_its_definition(shop: Project, read: Read) -> None:
    """Every segment's English and every stage's name are on the page."""
    for name in shop.library.segments:
        assert " ".join(shop.segments[name].english.split()) in read.text
    for stage in ("prospect", "at risk", "won back", "loyal"):
        assert f"{stage} : people" in read.text


def test_report_is_made_for_light_and_dark_and_phones(written: str, read: Read) -> None:
    """Both sets of colours, and a page as wide as the window."""
    assert "prefers-color-scheme: dark" in written
    assert set(json.loads(read.scripts[0])["themes"]) == {"light", "dark"}
    assert any(m.get("name") == "viewport" for m in read.all("meta"))
    assert read.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_a_definition_says_is_text() -> None:
    """Names and values with markup in them are shown, not obeyed."""
    evil = "</script><img src=x onerror=alert(1)>"
    columns = {name: (pa.string(), [evil]) for name in ("name", "purpose")}
    counts = {name: (pa.int64(), [1]) for name in ("holds", "audience", "entered", "exited")}
    data = table({**columns, **counts, "share": (pa.float64(), [1.0])}, evil, evil)
    made = page.Page(evil)
    read = Read(made.html(made.figure(data, sizes.chart(data))))
    assert not read.all("img")
    assert len(read.scripts) == 2
    assert evil in read.text


def test_command_writes_the_report(shop: Project, tmp_path: Path) -> None:
    """`coterie report --out FILE --at T --compare A,B`."""
    out = tmp_path / "then.html"
    asked = ["report", "-p", str(shop.folder), "--out", str(out), "--compare", "lost,champions"]
    at = iso(shop.answers.last_run().clock - DAY)
    done = CliRunner().invoke(app, [*asked, "--at", at])
    assert done.exit_code == 0, done.output
    assert str(out.name) in done.output.replace("\n", "")
    assert "lost and champions" in Read(out.read_text("utf-8")).text


def test_command_refuses_another_number_of_segments(shop: Project, tmp_path: Path) -> None:
    """Two are compared, and both exist; otherwise no file is written."""
    out = tmp_path / "no.html"
    for compare in ("champions", "champions,", "a,b,c", "champions,nobody"):
        asked = ["report", "-p", str(shop.folder), "--out", str(out), "--compare", compare]
        assert CliRunner().invoke(app, asked).exit_code == 1
    assert not out.exists()
    with pytest.raises(UnknownName):
        shop.pictures.report(out, compare=("champions", "nobody"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Project]:
    """A project with the retail recipe and without an event."""
    folder.create(tmp_path / "empty", "retail")
    with open_project(tmp_path / "empty") as project:
        yield project


def test_report_of_a_project_without_people(empty: Project, tmp_path: Path) -> None:
    """It needs a run; then it is a page with empty pictures."""
    with pytest.raises(ProjectError, match="coterie run"):
        empty.pictures.report(tmp_path / "report.html")
    empty.run("2024-01-01")
    empty.pictures.report(tmp_path / "report.html")
    assert "0 people" in Read((tmp_path / "report.html").read_text("utf-8")).text


def test_segments_compared_by_default_share_few_people() -> None:
    """Of those that share the fewest, the pair whose smaller one is the largest."""
    sizes = {"big": {*range(50)}, "small": {*range(50, 53)}, "other": {*range(60, 80)}}
    pairs = [(a, b, len(sizes[a] & sizes[b])) for a in sizes for b in sizes]
    rows = [{"a": a, "b": b, "both": both} for a, b, both in pairs]
    assert apart(pa.Table.from_pylist(rows)) == ("big", "other")
    assert apart(pa.Table.from_pylist(rows[:1])) is None
