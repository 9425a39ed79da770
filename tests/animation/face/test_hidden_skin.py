"""Skin that a turned portrait hides, on a built-in avatar that is turned first."""

import numpy as np

from avatarify.animation.face.hidden_skin import HiddenSkin
from avatarify.animation.face.sheet import Sheet
from avatarify.geometry.face_mesh import OVAL, counterparts
from avatarify.geometry.face_motion import neck_joint, read_motion
from avatarify.geometry.face_transfer import FaceTransfer
from avatarify.geometry.similarity import rotation_from_vector
from avatarify.geometry.triangle_flow import draw_flow
from tests.drivers import landmarks_of

SIZE, STEP = (720, 1280), 4


def _turned(yaw: float) -> np.ndarray:
    face = landmarks_of("maya").astype(np.float64)
    joint = neck_joint(face)
    return (face - joint) @ rotation_from_vector(np.array([0.0, yaw, 0.0])).T + joint


def test_a_frontal_portrait_hides_nothing_worth_mending() -> None:
    assert not HiddenSkin(Sheet(_turned(0.0), SIZE), SIZE, STEP).is_any


def test_a_portrait_in_profile_hides_a_cheek() -> None:
    assert HiddenSkin(Sheet(_turned(0.8), SIZE), SIZE, STEP).is_any


def test_at_rest_nothing_changes() -> None:
    sheet = Sheet(_turned(0.8), SIZE)
    hidden = HiddenSkin(sheet, SIZE, STEP)
    rest = draw_flow(sheet.triangles, sheet.rest, sheet.rest, (180, 320), step=STEP)
    mended = hidden.mend(rest, sheet.rest, (0.0, 0.0))
    changed = np.abs(mended.source - rest.source).max(axis=2) > 0.5
    assert changed.mean() < 0.002


def test_turned_back_the_hidden_cheek_takes_the_other_ones_skin() -> None:
    portrait = _turned(0.8)
    sheet = Sheet(portrait, SIZE)
    hidden = HiddenSkin(sheet, SIZE, STEP)
    rest = read_motion(portrait, portrait)
    face = FaceTransfer(portrait)(rest._replace(turn=np.array([0.0, -0.7, 0.0])), portrait)
    moved = sheet.moved(face)
    flow = draw_flow(sheet.triangles, sheet.rest, moved, (180, 320), step=STEP)
    mended = hidden.mend(flow, moved, (0.0, 0.0))
    changed = np.abs(mended.source - flow.source).max(axis=2) > 1.0
    assert changed.sum() > 30
    middle = portrait[[10, 152], 0].mean()
    side = np.sign(portrait[4, 0] - middle)  # the nose points to the hidden side
    looked_up = mended.source[changed][:, 0]
    assert (side * (looked_up - middle) < 0).mean() > 0.8


def test_mirror_images_of_the_rings_lie_on_the_other_side() -> None:
    sheet = Sheet(_turned(0.0), SIZE)
    pairs = dict(zip(sheet.triangles.ravel(), sheet.mirrored_triangles.ravel(), strict=True))
    assert all(pairs[pairs[vertex]] == vertex for vertex in pairs)
    assert all(pairs[vertex] == counterparts()[vertex] for vertex in OVAL)
