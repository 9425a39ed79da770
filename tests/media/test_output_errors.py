import errno
import os
from pathlib import Path

import pytest

from avatarify.errors import OutputError
from avatarify.media.output_errors import make_output_folder, output_error, refuse_unwritable
from tests.odd_names import IMPOSSIBLE, LONG, legal


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EFBIG, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.ENOENT, "folder /somewhere does not exist"),
        (errno.EISDIR, "Choose another name"),
        (errno.ENAMETOOLONG, "longer than the disk allows"),
        (errno.EINVAL, "does not take this name"),
        (errno.EEXIST, "is in the way"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_every_reason_has_an_advice(number: int, advice: str) -> None:
    error = OSError(number, "Input/output error")
    message = str(output_error(Path("/somewhere/a.mp4"), error))
    assert message.startswith("Cannot write /somewhere/a.mp4. ")
    assert advice in message


def test_a_name_that_the_system_is_not_even_asked_about_has_an_advice() -> None:
    assert "Choose another one" in str(output_error(Path("a\0b"), ValueError("null byte")))


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_output_is_refused_before_the_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="Cannot write"):
        refuse_unwritable(tmp_path / f"{name}.mp4")
    with pytest.raises(OutputError, match="Cannot write"):
        make_output_folder(tmp_path / name)


def test_what_is_in_the_way_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    for path in ("folder.png", "missing/a.png", "file/a.png"):
        with pytest.raises(OutputError, match="Cannot write"):
            refuse_unwritable(tmp_path / path)
    for path in ("file", "file/deep"):
        with pytest.raises(OutputError, match="is a file"):
            make_output_folder(tmp_path / path)


@pytest.mark.parametrize("name", legal(".png"))
def test_what_can_be_written_is_not_refused(tmp_path: Path, name: str) -> None:
    refuse_unwritable(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / name).touch()
    refuse_unwritable(tmp_path / name)


def test_devices_are_written_to_by_those_who_may() -> None:
    if not os.access("/dev/null", os.W_OK):
        pytest.skip("no such device here")
    refuse_unwritable(Path("/dev/null"))


def test_long_names_are_told_shortly(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as told:
        refuse_unwritable(tmp_path / ("/".join([LONG] * 20)))
    assert len(str(told.value)) < 400
