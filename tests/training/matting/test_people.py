"""People are cut out of pictures and videos with the matte that landmarks and colours find."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.animation.face.matte_frame import MatteFrame
from avatarify.media.image_file import read_image, write_image
from avatarify.training.matting.people import (
    SIDE,
    PeoplePreparation,
    prepare_people,
    read_people,
)

ASSETS = Path(__file__).resolve().parents[3] / "assets"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portrait, and a picture of nobody."""
    write_image(tmp_path / "nia.png", read_image(ASSETS / "avatars" / "nia.png"))
    write_image(tmp_path / "nobody.png", np.full((200, 300, 3), 60, np.uint8))
    return tmp_path


def test_people_are_cut_out_once(folder: Path, shared: Path) -> None:
    tracker = shared / "models" / "face_landmarker.task"
    settings = PeoplePreparation(folder / "people", tracker)
    names: list[str] = []
    skipped = prepare_people([folder], settings, names.append)
    assert names == ["nia", "nobody"]
    assert skipped == [f"{folder / 'nobody.png'}: no face was found."]
    names.clear()
    prepare_people([folder], settings, names.append)
    assert names == ["nobody"]
    (person,) = read_people(folder / "people")
    assert person.name == "s_nia"
    assert not person.is_drawn
    (look,) = person.looks
    assert look.picture.shape == (SIDE, SIDE, 3)
    # The square of the network is in the middle, and somewhat smaller.
    frame = MatteFrame.of(look.landmarks, SIDE)
    assert frame.scale == pytest.approx(1.12, rel=0.01)
    nose = look.landmarks[4, :2].astype(int)
    assert look.matte[nose[1], nose[0]] == 255
    assert 0.1 < (look.matte[look.here > 0] > 127).mean() < 0.7
    assert look.here[0].max() == 0, "the picture ends above the square"


def test_a_video_is_looked_at_a_few_times(folder: Path, shared: Path) -> None:
    (folder / "clips").mkdir()
    video = shared / "clips" / "vladhuman_a.mp4"
    (folder / "clips" / video.name).write_bytes(video.read_bytes())
    settings = PeoplePreparation(folder / "people", shared / "models" / "face_landmarker.task")
    prepare_people([folder / "clips"], settings, lambda _name: None)
    (person,) = read_people(folder / "people")
    assert person.name == "c_vladhuman_a"
    assert 2 <= len(person.looks) <= 5
