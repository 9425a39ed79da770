"""The product's own parts."""

from pathlib import Path

import pytest

from avatarify.errors import TrackerError
from avatarify.session.keeping.settings import TrackerWish
from avatarify.session.live.parts import standard_parts


def test_another_tracker_is_opened_once_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path))
    monkeypatch.setattr("avatarify.zoo.store._user_folder", lambda: tmp_path)
    wish: TrackerWish = "own"
    parts = standard_parts(lambda: wish)
    assert parts.has_tracker()
    parts.open_finder().close()
    wish = "mediapipe"
    assert not parts.has_tracker()
    with pytest.raises(TrackerError, match="models pull face-landmarker"):
        parts.open_finder()
