"""Pass-through needs a permission, and nothing else carries one."""

from collections.abc import Callable

import pytest

from avatarify.frames import Image
from avatarify.streaming.output_picture import Origin, OutputPicture, PassThroughPermission


def test_a_camera_picture_without_permission_cannot_be_made(plain: Callable[[int], Image]) -> None:
    with pytest.raises(ValueError, match="permission"):
        OutputPicture(plain(0), Origin.PASS_THROUGH, 0.0)


def test_no_other_picture_carries_a_permission(plain: Callable[[int], Image]) -> None:
    with pytest.raises(ValueError, match="permission"):
        OutputPicture(plain(0), Origin.AVATAR, 0.0, permission=PassThroughPermission())


def test_revoking_reaches_every_picture(plain: Callable[[int], Image]) -> None:
    permission = PassThroughPermission()
    picture = OutputPicture(plain(0), Origin.PASS_THROUGH, 0.0, permission=permission)
    assert picture.is_allowed
    permission.revoke()
    assert not picture.is_allowed
