"""Profiles follow the avatars, and a person in a clip calibrates none of them."""

from pathlib import Path

import numpy as np

from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import (
    AvatarProfile,
    DrivingReference,
    ProfileStore,
    avatar_key,
)
from avatarify.session.live.kept_profile import KeptProfile

ADA = Avatar("Ada", np.zeros((4, 4, 3), np.uint8))
BO = Avatar("Bo", np.full((4, 4, 3), 9, np.uint8))
CALIBRATED = DrivingReference("tiny", (("value", np.zeros((1, 2), np.float32)),))
OTHER = DrivingReference("other", (("value", np.ones((1, 2), np.float32)),))


def test_nothing_is_written_without_an_avatar(tmp_path: Path) -> None:
    KeptProfile(ProfileStore(tmp_path)).keep(CALIBRATED, is_users=True)
    assert not list(tmp_path.iterdir())


def test_an_avatar_gets_back_what_was_settled_for_it(tmp_path: Path) -> None:
    kept = KeptProfile(ProfileStore(tmp_path))
    kept.take_up(ADA)
    kept.change(gain=1.5)
    kept.keep(CALIBRATED, is_users=True)
    assert kept.take_up(BO) == AvatarProfile()  # a new one begins with the defaults
    kept.change(gain=0.5)
    assert kept.take_up(ADA) == AvatarProfile(gain=1.5, reference=CALIBRATED)


def test_the_person_in_a_clip_leaves_the_users_reference(tmp_path: Path) -> None:
    store = ProfileStore(tmp_path)
    store.save(avatar_key(ADA.image), AvatarProfile(reference=CALIBRATED))
    kept = KeptProfile(store)
    kept.take_up(ADA)
    kept.keep(OTHER, is_users=False)
    stored = store.load(avatar_key(ADA.image))
    assert stored is not None
    assert stored.reference == CALIBRATED
