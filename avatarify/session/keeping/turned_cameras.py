"""Remembers which way up each camera hangs, while another one is used."""

from dataclasses import replace

from avatarify.session.keeping.settings import CameraSettings, Settings, TurnedCamera

_MOST_REMEMBERED = 32


def with_camera(settings: Settings, camera: CameraSettings) -> Settings:
    """Return the settings with another camera, or with the same one turned differently.

    Args:
        settings: As they are.
        camera: What is chosen now. If it is not the camera before, its rotation is what was
            remembered of it, not what it says.
    """
    if _is_same(camera, settings.camera):
        others = tuple(turned for turned in settings.turned if turned.camera != camera.key)
        if camera.rotation:
            others = (TurnedCamera(camera.key, camera.rotation), *others)[:_MOST_REMEMBERED]
        return replace(settings, camera=camera, turned=others)
    return replace(settings, camera=replace(camera, rotation=rotation_of(settings, camera)))


def rotation_of(settings: Settings, camera: CameraSettings) -> int:
    """Return the degrees by which this camera was turned last; 0 of one that is not known."""
    found = (turned.rotation for turned in settings.turned if turned.camera == camera.key)
    return next(found, 0)


def _is_same(camera: CameraSettings, before: CameraSettings) -> bool:
    """Whether it is the camera before, even if more is known of it now."""
    return camera.key == before.key or (camera.name == before.name and not before.known.key)
