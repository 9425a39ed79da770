from pathlib import Path

import pytest

from avatarify.errors import TrackerError
from avatarify.session.keeping import tracker_choice
from avatarify.session.keeping.settings import TrackerWish
from avatarify.session.keeping.tracker_choice import find_tracker, has_tracker, require_tracker
from avatarify.session.keeping.tracker_trial import Trial

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
    assert has_tracker(wish) == (found is not None)


@pytest.mark.parametrize(("wish", "found"), [("auto", OWN), ("own", OWN), ("mediapipe", MEDIAPIPE)])
def test_auto_takes_the_one_that_does_better_here(
    wish: TrackerWish, found: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_choice, "find", installed(MEDIAPIPE, OWN))
    monkeypatch.setattr(tracker_choice, "try_trackers", lambda _mediapipe, _own: Trial(0.4, 0.9))
    assert find_tracker(wish) == found


def test_what_is_missing_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker_choice, "find", installed())
    with pytest.raises(TrackerError, match="models pull face-landmarker"):
        require_tracker("mediapipe")
    with pytest.raises(TrackerError, match="Get the project anew"):
        require_tracker("own")
