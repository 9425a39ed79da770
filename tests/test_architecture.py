"""The pages name files and functions; what they name is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    path
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    if path.parent != ROOT / "docs" / "reference"  # made while the site is built, perhaps just now
]

_FILE = re.compile(r"[\w./-]*\w\.py\b")
_STOP = re.compile(r"^[ │]+([\w/]+\.py) +([A-Za-z_][\w.]*)", re.MULTILINE)


def _sources() -> tuple[str, ...]:
    folders = ("avatarify", "bundle", "tests", "docs", "scripts")
    found = [path for name in folders for path in (ROOT / name).rglob("*.py")]
    found += ROOT.glob("*.py")
    return tuple(f"/{path.relative_to(ROOT).as_posix()}" for path in found)


def _stops() -> list[tuple[str, str]]:
    return _STOP.findall((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))


def _names(path: Path) -> set[str]:
    """What a module defines: `Class`, `function`, `Class.method`."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (part for part in node.body if isinstance(part, ast.FunctionDef))
            names.update(f"{node.name}.{method.name}" for method in methods)
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    sources = _sources()
    named = set(_FILE.findall(page.read_text(encoding="utf-8")))
    missing = [name for name in named if not any(path.endswith(f"/{name}") for path in sources)]
    assert not missing


def test_every_stop_is_a_name_in_its_file() -> None:
    stops = _stops()
    assert len(stops) > 30
    missing = [stop for stop in stops if stop[1] not in _names(ROOT / "avatarify" / stop[0])]
    assert not missing


def test_the_stops_are_in_the_order_of_the_threads() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    threads = re.findall(r"thread (avatarify-\w+)", page)
    assert threads == [f"avatarify-{name}" for name in ("capture", "track", "animate", "output")]
    pipeline = (ROOT / "avatarify/session/live/pipeline.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in pipeline for name in threads)
