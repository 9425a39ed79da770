from dataclasses import replace

import pytest

from avatarify.media.known_camera import KnownCamera
from avatarify.session.keeping.json_file import from_json, to_json
from avatarify.session.keeping.settings import CameraSettings, Settings
from avatarify.session.keeping.turned_cameras import rotation_of, with_camera

DOCUMENT = CameraSettings("doc", known=KnownCamera("by-id/doc", "Document Camera"))
WEBCAM = CameraSettings("cam", known=KnownCamera("by-id/cam", "HD Webcam"))


def test_each_camera_keeps_its_own_turn() -> None:
    settings = with_camera(Settings(), DOCUMENT)
    settings = with_camera(settings, replace(DOCUMENT, rotation=90))
    settings = with_camera(settings, replace(WEBCAM, rotation=90))  # as the list sends it
    assert settings.camera.rotation == 0
    settings = from_json(Settings, to_json(settings))
    settings = with_camera(settings, replace(DOCUMENT, rotation=0))
    assert settings.camera.rotation == 90
    settings = with_camera(settings, replace(DOCUMENT, rotation=0))
    assert (settings.camera.rotation, settings.turned) == (0, ())


def test_what_is_learnt_of_a_camera_changes_nothing() -> None:
    settings = with_camera(Settings(), CameraSettings("/dev/video0", rotation=0))
    settings = with_camera(settings, CameraSettings("/dev/video0", rotation=180))
    learnt = replace(settings.camera, known=WEBCAM.known)
    settings = with_camera(settings, learnt)
    assert settings.camera == learnt
    assert rotation_of(settings, WEBCAM) == 180


def test_a_camera_turns_by_quarters_only() -> None:
    with pytest.raises(ValueError, match="0, 90, 180 or 270"):
        CameraSettings(rotation=45)
    kept = {"camera": {"rotation": 45}, "turned": [{"camera": "x", "rotation": 7}]}
    assert from_json(Settings, kept) == Settings(turned=from_json(Settings, kept).turned)
    assert from_json(Settings, kept).camera.rotation == 0
