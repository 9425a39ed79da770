"""Which of several faces is taken, and that it stays the one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import FaceNotFoundError
from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.tracking.face import Face
from avatarify.tracking.face_choice import ChosenFace, FaceChoice, where, whom
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder

MakeFace = Callable[..., Face]
ROOT = Path(__file__).resolve().parents[2]
NOTHING = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def three(make_face: MakeFace) -> tuple[Face, Face, Face]:
    """From left to right: small, large, middling."""
    return make_face(x=100, size=80), make_face(x=300, size=200), make_face(x=520, size=120)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", 1), ("left", 0), ("right", 2), ("1", 0), ("2", 1), (" Right ", 2), ("3", 2)],
)
def test_words_choose(three: tuple[Face, Face, Face], words: str, expected: int) -> None:
    shuffled = (three[2], three[0], three[1])
    assert FaceChoice.parse(words).pick(shuffled) is three[expected]


@pytest.mark.parametrize("words", ["0", "-1", "middle", "1.5", "²", "1e3", "100"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="left, right, or a number"):
        FaceChoice.parse(words)


def test_a_point_chooses_the_face_that_lies_there(three: tuple[Face, Face, Face]) -> None:
    assert FaceChoice(point=(110, 250)).pick(three) is three[0]
    assert FaceChoice(point=(230, 200)).pick(three) is three[1]  # at the edge of the large one


def test_one_face_is_every_choice_but_too_high_a_number_among_several_none(
    three: tuple[Face, Face, Face],
) -> None:
    assert FaceChoice.parse("7").pick(three[:1]) is three[0]
    assert FaceChoice.parse("7").pick(()) is None
    with pytest.raises(FaceNotFoundError, match=r"group\.png shows 3 faces and none of number 7"):
        FaceChoice.parse("7").require(three, "group.png")


def test_it_is_said_whom_it_takes(three: tuple[Face, Face, Face], make_face: MakeFace) -> None:
    assert where(three[1], three) == "the one in the middle"
    assert whom(three[1], three) == "3 faces: the largest, the one in the middle, is taken."
    assert whom(three[0], three[:2]) == "2 faces: the one on the left is taken."
    row = [make_face(x=100 * place, size=50 + place) for place in range(1, 6)]
    assert whom(row[4], row) == "5 faces: the largest, number 5 from the left, is taken."


class Script:
    """A finder that sees what a list says, picture by picture."""

    def __init__(self, *pictures: tuple[Face, ...]) -> None:
        self._pictures = list(pictures)
        self.preferred: list[Face] = []

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        return self._pictures.pop(0)

    def prefer(self, face: Face) -> None:
        self.preferred.append(face)


def follow(finder: Script, choice: str, count: int, step_s: float = 0.04) -> list[Face | None]:
    chosen = ChosenFace(finder, FaceChoice.parse(choice))
    return [chosen.find(NOTHING, step_s * number) for number in range(count)]


def test_a_neighbour_is_not_taken_for_the_one_that_is_missed_for_a_moment(
    make_face: MakeFace,
) -> None:
    left, right = make_face(x=150), make_face(x=450)
    finder = Script((right, left), (right,), (), (right, left))
    assert follow(finder, "left", 4) == [left, None, None, left]
    assert finder.preferred == [left, left]


def test_who_has_gone_for_good_is_replaced(make_face: MakeFace) -> None:
    left, right = make_face(x=150), make_face(x=450)
    finder = Script((left, right), (right,), (right,), (right,))
    assert follow(finder, "left", 4, step_s=0.5) == [left, None, None, right]


def test_who_is_followed_may_cross_to_the_other_side(make_face: MakeFace) -> None:
    still = make_face(x=300, y=400, size=100)
    walking = [make_face(x=x, y=120, size=100) for x in range(100, 560, 50)]
    finder = Script(*((still, step) for step in walking))
    assert follow(finder, "left", len(walking)) == walking


def test_the_wanted_one_is_taken_when_it_comes(make_face: MakeFace) -> None:
    left, right = make_face(x=150), make_face(x=450)
    assert follow(Script((left,), (left, right)), "right", 2) == [left, right]
    assert follow(Script((left,), (left, right)), "2", 2) == [left, right]
    assert follow(Script((left,), (left, right)), "", 2) == [left, left]


def test_one_face_is_followed_however_it_jumps(make_face: MakeFace) -> None:
    jumping = [make_face(x=x, size=60) for x in (100, 500, 50, 300)]
    assert follow(Script(*((face,) for face in jumping)), "right", 4) == jumping


def test_it_is_told_once(make_face: MakeFace) -> None:
    told: list[str] = []
    pair = (make_face(x=150), make_face(x=450, size=100))
    chosen = ChosenFace(Script(pair, pair), FaceChoice.parse("2"), told.append)
    chosen.find(NOTHING)
    chosen.find(NOTHING, 0.04)
    assert told == ["2 faces: the one on the right is taken."]


# With our own finder


@pytest.fixture(scope="module")
def pair() -> Image:
    """Two of the program's avatars beside each other, the right one smaller."""
    left = read_image(ROOT / "assets" / "avatars" / "nia.png")[:, 280:1000]
    right = read_image(ROOT / "assets" / "avatars" / "leo.png")[::2, 280:1000:2]
    picture = np.full((720, 1280, 3), 110, np.uint8)
    picture[:, :720] = left
    picture[200:560, 860:1220] = right
    return picture


@pytest.fixture
def stream() -> Iterator[OwnFinder]:
    with OwnFinder(ROOT / "models" / "landmarks.safetensors", LandmarkerMode.LIVE) as finder:
        yield finder


def seen(chosen: ChosenFace, picture: Image, start_s: float) -> list[float]:
    """Where the face was that was followed for a second, x in pixels."""
    found = (chosen.find(picture, start_s + number / 15) for number in range(15))
    return [face.box.center[0] for face in found if face is not None]


def test_our_finder_follows_the_chosen_one_and_then_another(stream: OwnFinder, pair: Image) -> None:
    chosen = ChosenFace(stream, FaceChoice.parse("right"))
    first = seen(chosen, pair, 0.0) + seen(chosen, pair, 1.0)
    assert chosen.most_seen == 2
    assert min(first[-10:]) > 800
    chosen.choose(FaceChoice(point=(360.0, 360.0)))
    # Others are looked for beside the frames, and that takes as long as this machine needs.
    give_up_s, time_s, place = time.monotonic() + 60.0, 2.0, first[-1]
    while place > 640 and time.monotonic() < give_up_s:
        time.sleep(0.02)
        face = chosen.find(pair, time_s)
        assert face is not None
        place, time_s = face.box.center[0], time_s + 0.1
    later = seen(chosen, pair, time_s)
    assert len(later) == 15
    assert max(later) < 640
