from pathlib import Path

import pytest

from avatarify.errors import TrackerError
from avatarify.session.keeping import tracker_choice
from avatarify.session.keeping.settings import TrackerWish
from avatarify.session.keeping.tracker_choice import find_tracker, require_tracker

MEDIAPIPE, OWN = Path("a/face_landmarker.task"), Path("b/landmarks.safetensors")


def installed(*paths: Path) -> object:
    files = {path.name: path for path in paths}
    return files.get


@pytest.mark.parametrize(
    ("there", "wish", "found"),
    [
        ((MEDIAPIPE, OWN), "auto", MEDIAPIPE),
        ((OWN,), "auto", OWN),
        ((), "auto", None),
        ((MEDIAPIPE, OWN), "own", OWN),
        ((OWN,), "mediapipe", None),
    ],
)
def test_the_wish_and_what_is_installed_decide(
    there: tuple[Path, ...],
    wish: TrackerWish,
    found: Path | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracker_choice, "find", installed(*there))
    assert find_tracker(wish) == found


def test_what_is_missing_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_choice, "find", installed())
    with pytest.raises(TrackerError, match="models pull face-landmarker"):
        require_tracker("mediapipe")
    with pytest.raises(TrackerError, match="Get the project anew"):
        require_tracker("own")
