from pathlib import Path

import pytest

from avatarify.session.checkup.finding import Level
from avatarify.session.checkup.storage import (
    check_storage,
    judge_folder,
    judge_space,
    nearest_existing,
)


@pytest.mark.parametrize(
    ("free", "level"),
    [(10_000_000, Level.WARNING), (500_000_000, Level.WARNING), (9_000_000_000, Level.OK)],
)
def test_little_space_is_told(free: int, level: Level) -> None:
    assert judge_space(Path("/"), free).level is level


def test_a_folder_need_not_exist_yet(tmp_path: Path) -> None:
    assert nearest_existing(tmp_path / "a" / "b") == tmp_path
    assert judge_folder("Settings", tmp_path / "a").level is Level.OK


def test_this_machine_has_three_lines() -> None:
    assert len(list(check_storage())) == 3
