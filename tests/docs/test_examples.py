"""What the pages show is what happens: every example of README.md and docs/ is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.pages import run_page
from tests.support.retail import TUTORIAL

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if page != TUTORIAL
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_shows_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who types the page's examples, from the top, sees what the page shows."""
    monkeypatch.chdir(tmp_path)
    run_page(page)


def test_page_on_real_data_shows_what_happens(followed: Path) -> None:
    """So does one who has the real data; what they end up with serves other tests as well."""
    assert (followed / "retail" / "coterie.toml").is_file()


@pytest.mark.parametrize(
    "block",
    [
        "```python\nassert 1 == 2\n```\n",
        "```python\n>>> 1 + 1\n3\n```\n",
        "```console\n$ coterie --help\nnothing of the kind\n```\n",
        "```console\n$ coterie no-such-command\nUsage: fine\n```\n",
        "```console\n$ coterie --help > help.txt\nUsage: ...\n```\n",
    ],
)
def test_wrong_page_is_noticed(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example that does not do what the page shows fails."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(block)
    with pytest.raises(AssertionError):
        run_page(page)


def test_blocks_of_a_page_share_names_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one block makes, the next can use."""
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    (tmp_path / "shop").mkdir()
    page.write_text(
        "```python\nx = 1\n```\n\n```console\n$ cd shop\n```\n\n"
        "```python\n>>> from pathlib import Path\n>>> x, Path.cwd().name\n(1, 'shop')\n```\n"
    )
    run_page(page)
