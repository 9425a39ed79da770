import os
from pathlib import Path

import pytest

from avatarify.file_names import (
    barred_folder,
    is_file,
    is_folder,
    is_there,
    not_found,
    part_beside,
    shown,
    target_of,
    text_path,
    user_path,
)
from tests.odd_names import IMPOSSIBLE, LONG, legal


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_name_is_simply_not_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert not is_file(path)
    assert not is_folder(path)
    assert not is_there(path)
    assert target_of(str(path))
    assert not_found("picture", path).startswith("There is no picture ")


def test_why_a_file_is_not_found_is_said(tmp_path: Path) -> None:
    circle = tmp_path / "circle.png"
    circle.symlink_to(circle)
    os.mkfifo(tmp_path / "pipe.png")
    assert "longer than the disk allows" in not_found("image", tmp_path / LONG)
    assert "a character that no name" in not_found("image", tmp_path / "a\0b")
    assert "lead in a circle" in not_found("image", circle)
    assert "a device or a pipe" in not_found("image", tmp_path / "pipe.png")
    assert not_found("image", tmp_path / "a.png").endswith("a.png. Check the path.")
    address = not_found("video", Path("https://example.org/a.mp4"))
    assert "https:// is an address, and here a file is wanted. Save" in address


def test_the_folder_that_refuses_is_named(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    barred = tmp_path / "barred"
    (barred / "deep").mkdir(parents=True)
    (barred / "deep" / "a.png").touch()
    barred.chmod(0)
    request.getfixturevalue("unprivileged")
    message = not_found("image", barred / "deep" / "a.png")
    assert barred_folder(barred / "deep" / "a.png") == barred
    assert f"no permission to look into the folder {barred}. " in message
    assert not is_file(barred / "deep" / "a.png")


@pytest.mark.parametrize("name", legal(".png"))
def test_a_partial_name_fits_wherever_the_name_fits(tmp_path: Path, name: str) -> None:
    part = part_beside(tmp_path / name)
    part.write_bytes(b"whole")
    part.replace(tmp_path / name)
    assert is_file(tmp_path / name)
    assert part.name.startswith(".")


def test_two_names_that_begin_alike_have_two_partial_names(tmp_path: Path) -> None:
    first, second = tmp_path / ("a" * 250 + "1"), tmp_path / ("a" * 250 + "2")
    assert part_beside(first) != part_beside(second)


def test_a_home_of_nobody_is_a_name_like_others() -> None:
    assert user_path("~nobody-of-that-name/a.png") == Path("~nobody-of-that-name/a.png")
    assert user_path("~/a.png") == Path.home() / "a.png"


@pytest.mark.parametrize("name", legal(".png"))
def test_every_legal_file_has_a_path_that_is_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    with text_path(tmp_path / name) as path:
        assert str(path).encode("utf-8")
        assert path.read_bytes() == b"content"
    assert (tmp_path / name).read_bytes() == b"content"


def test_long_paths_are_shown_short_and_others_whole() -> None:
    assert shown(Path("/home/ada/a.png")) == "/home/ada/a.png"
    assert len(shown("a" * 5000)) < 200
    assert shown("a" * 5000 + ".png").endswith("a.png")
