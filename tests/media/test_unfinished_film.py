import os
import stat
from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import OutputError
from avatarify.frames import Frame
from avatarify.media.unfinished_film import UnfinishedFilm
from avatarify.media.video_writer import VideoWriter
from tests.full_disk import file_size_limit


def _film(path: Path, count: int = 3) -> bytes:
    with VideoWriter(path, 25) as writer:
        for index in range(count):
            writer.write(Frame(np.full((64, 64, 3), 9 * index, np.uint8), index / 25, index))
    return path.read_bytes()


def test_nothing_changes_after_the_first_error(tmp_path: Path) -> None:
    content = _film(tmp_path / "good.mp4")
    film = UnfinishedFilm(tmp_path / "a.mp4")
    film.write(content)
    with file_size_limit(len(content)), pytest.raises(OSError, match="File too large"):
        film.write(b"more")
    film.seek(0)
    film.write(b"XXX")
    film.settle(has_failed=True)
    assert (tmp_path / "a.mp4").read_bytes() == content
    assert film.error is not None


def test_what_does_not_play_replaces_nothing(tmp_path: Path) -> None:
    old = _film(tmp_path / "a.mp4")
    film = UnfinishedFilm(tmp_path / "a.mp4")
    film.write(b"no film at all")
    film.settle(has_failed=False)
    assert (tmp_path / "a.mp4").read_bytes() == old
    assert list(tmp_path.iterdir()) == [tmp_path / "a.mp4"]


def test_a_film_gets_its_name_while_it_is_written(tmp_path: Path) -> None:
    content = _film(tmp_path / "a.mp4")
    film = UnfinishedFilm(tmp_path / "b.mp4")
    film.write(content[:20])
    film.publish_in_time(5.0)
    assert not (tmp_path / "b.mp4").exists()
    film.write(content[20:])
    film.publish_in_time(7.0)
    assert (tmp_path / "b.mp4").read_bytes() == content
    film.write(b"rest")
    film.seek(0)
    film.write(content[:4])
    film.settle(has_failed=True)
    assert (tmp_path / "b.mp4").read_bytes() == content + b"rest"
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "b.mp4"}


def test_nothing_is_there_before_the_first_byte(tmp_path: Path) -> None:
    film = UnfinishedFilm(tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())
    film.settle(has_failed=False)
    assert not list(tmp_path.iterdir())


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 125 + ".mp4")
    _film(path)
    assert path.is_file()


def test_a_link_goes_on_leading_to_the_film(tmp_path: Path) -> None:
    _film(tmp_path / "real.mp4")
    link = tmp_path / "link.mp4"
    link.symlink_to("real.mp4")
    content = _film(link, 5)
    assert link.is_symlink()
    assert (tmp_path / "real.mp4").read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_was_private_stays_private(tmp_path: Path) -> None:
    _film(tmp_path / "a.mp4")
    (tmp_path / "a.mp4").chmod(0o600)
    _film(tmp_path / "a.mp4", 5)
    assert stat.S_IMODE((tmp_path / "a.mp4").stat().st_mode) == 0o600


def test_a_film_that_finds_no_place_is_kept_where_it_is(tmp_path: Path) -> None:
    content = _film(tmp_path / "good.mp4")
    film = UnfinishedFilm(tmp_path / "a.mp4")
    film.write(content)
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(OutputError, match=r"The film itself is whole, in .*\.part"):
        film.settle(has_failed=False)
    (part,) = tmp_path.glob(".*.part")
    assert part.read_bytes() == content
