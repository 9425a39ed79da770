"""The pages become a site without a warning, and the site needs nobody else's computer."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
EXTRA = ("sphinx", "furo", "myst_parser")

_FETCHED = re.compile(r"<(?:script|img|iframe|source|video)[^>]*\bsrc=[\"']([^\"']+)")
_LINKED = re.compile(r"<link[^>]*\bhref=[\"']([^\"']+)")
_STYLED = re.compile(r"(?:url\([\"']?|@import [\"'])((?:https?:)?//[^\"')]+)")


# Two builds of one folder would meet: not beside the step of `python main.py test` that makes it.
pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def site() -> Path:
    """The site; made anew are only the pages that have changed since the last time."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        pytest.skip(f"the extra docs is not installed: {', '.join(missing)}")
    folder = ROOT / "build" / "docs"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    finished = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder)], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return folder


def test_every_page_is_there_and_every_file_that_it_wants(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    sources = (path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md"))
    assert {path.with_suffix(".html").as_posix() for path in sources} <= pages
    for page in pages:
        text = (site / page).read_text(encoding="utf-8")
        for wanted in (*_FETCHED.findall(text), *_LINKED.findall(text)):
            place = (site / page).parent / wanted.split("?")[0].split("#")[0]
            assert wanted.startswith("data:") or place.resolve().exists(), (page, wanted)


def test_nothing_is_loaded_from_another_computer(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        wanted = (*_FETCHED.findall(text), *_LINKED.findall(text), *_STYLED.findall(text))
        assert not [url for url in wanted if re.match(r"(https?:)?//", url)], path
    for path in site.rglob("*.css"):
        assert not _STYLED.findall(path.read_text(encoding="utf-8")), path


def test_each_command_of_the_program_has_its_place_in_the_reference(site: Path) -> None:
    from avatarify.cli import COMMANDS

    text = (site / "reference" / "command_line.html").read_text(encoding="utf-8")
    assert all(f"usage: avatarify {command}" in text for command in COMMANDS)
