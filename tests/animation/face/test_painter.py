"""Painters correct a moved face, and nothing else."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FaceLayers, FacePortrait
from avatarify.animation.face.painter import FacePainters, lay
from avatarify.animation.face.painter_file import PainterWeights, save_painters
from avatarify.animation.face.painter_graph import painter_on_openvino
from avatarify.animation.face.painter_torch import painter_on_torch, weights_of
from avatarify.animation.face.painter_view import PatchView, View
from avatarify.frames import Image
from avatarify.geometry.face_mesh import INNER_LIPS_LOWER
from avatarify.geometry.face_patches import FacePatch, Placement
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace
from avatarify.networks.face_painter import FacePainter, corrected, split
from avatarify.networks.painter_config import PainterConfig
from tests.geometry.face_shapes import made_face

MOUTH = PainterConfig(48, 48, (4, 6, 8, 8))
EYES = PainterConfig(32, 48, (4, 6, 8, 8), kept=0.8, lit=0.6, moved=0.3)


def picture(seed: int = 0, size: tuple[int, int] = (300, 300)) -> Image:
    noise = np.random.default_rng(seed).integers(0, 256, (*size, 3))
    return noise.astype(np.uint8)


def portrait() -> NDArray[np.float64]:
    return made_face(eye_gap=12, lip_gap=4) + np.array([150.0, 150.0, 0.0]) - _middle()


def _middle() -> NDArray[np.float64]:
    return np.asarray(made_face()[[33, 263]].mean(axis=0))


def still() -> MovedFace:
    return FaceTransfer(portrait()).still()


def opened() -> MovedFace:
    """The portrait with its lower lip 15 pixels down and its lids 5 pixels down."""
    face = still()
    marks = face.landmarks.copy()
    marks[list(INNER_LIPS_LOWER[1:-1]), 1] += 15.0
    for lids in ((246, 161, 160, 159, 158, 157, 173), (466, 388, 387, 386, 385, 384, 398)):
        marks[list(lids), 1] += 5.0
    return face._replace(landmarks=marks)


def wild(config: PainterConfig, seed: int = 0) -> PainterWeights:
    torch.manual_seed(seed)
    network = FacePainter(config)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return weights_of(network)


def painters(**weights: PainterWeights) -> FacePainters:
    return FacePainters(weights)


def test_untrained_painters_change_nothing() -> None:
    fresh = painters(mouth=weights_of(FacePainter(MOUTH)), eyes=weights_of(FacePainter(EYES))).of(
        picture(), portrait()
    )
    canvas = picture(1)
    fresh.draw(canvas, opened())
    np.testing.assert_array_equal(canvas, picture(1))


def test_a_face_at_rest_is_left_as_it_is() -> None:
    busy = painters(mouth=wild(MOUTH), eyes=wild(EYES)).of(picture(), portrait())
    canvas = picture(1)
    busy.draw(canvas, still())
    np.testing.assert_array_equal(canvas, picture(1))


def test_nothing_outside_the_region_changes() -> None:
    busy = painters(mouth=wild(MOUTH)).of(picture(), portrait())
    canvas = picture(1)
    busy.draw(canvas, opened())
    changed = np.argwhere((canvas != picture(1)).any(axis=2))[:, ::-1] + 0.5
    place = FacePatch(MOUTH.size).place(opened().landmarks)
    seen = place.to_patch(changed)
    assert len(changed) > 100
    assert seen.min() >= -1.0
    assert seen.max() <= 49.0
    look = PatchView(FacePatch(MOUTH.size), picture(), portrait()).look(canvas, opened().landmarks)
    assert look is not None
    cells = np.clip(np.floor(seen).astype(int), 0, 47)
    spread = np.pad(look.region, 1)
    near = np.max(
        [spread[1 + y : 49 + y, 1 + x : 49 + x] for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0
    )
    assert (near[cells[:, 1], cells[:, 0]] > 0).all()


def test_the_say_grows_steadily_with_the_motion() -> None:
    view = PatchView(FacePatch(MOUTH.size), picture(), portrait())
    rest, end = still().landmarks, opened().landmarks
    shares = [view.share(rest + step * (end - rest)) for step in np.linspace(0.0, 1.0, 50)]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert np.all(np.diff(shares) >= 0.0)
    assert np.max(np.diff(shares)) < 0.2


def test_the_same_motion_gives_the_same_picture_whatever_came_before() -> None:
    busy = painters(mouth=wild(MOUTH), eyes=wild(EYES)).of(picture(), portrait())
    first, second = picture(1), picture(1)
    busy.draw(first, opened())
    busy.draw(picture(2), still())
    busy.draw(second, opened())
    np.testing.assert_array_equal(first, second)


def test_openvino_and_torch_agree() -> None:
    pytest.importorskip("openvino")
    patches = np.random.default_rng(0).random((2, 8, *EYES.size), dtype=np.float32)
    weights = wild(EYES)
    limits = np.array([6.0, 6.0, 0.7, 0.35, 0.35, 0.35], np.float32)[:, None, None]
    exact = painter_on_torch(weights)()(patches)
    fast = painter_on_openvino(weights, 2)()(patches)
    assert np.abs(exact / limits).max() > 0.5
    # bfloat16, where the processor has it, keeps eight bits of every layer
    assert np.abs((exact - fast) / limits).mean() < 0.02


def test_the_live_correction_is_the_trained_one() -> None:
    """At one pixel of the picture for each of the patch, both compute the same."""
    rng = np.random.default_rng(0)
    canvas = np.repeat(np.repeat(picture(3, (12, 12)), 4, 0), 4, 1)
    fields = np.zeros((6, 48, 48), np.float32)
    fields[:2] = rng.uniform(-2, 2, (2, 1, 1))
    fields[2:] = rng.uniform(-0.1, 0.1, (4, 1, 1))
    region = np.zeros((48, 48), np.float32)
    region[8:40, 8:40] = rng.uniform(0.5, 1.0)
    look = View(
        Placement(np.eye(2), np.zeros(2)), canvas, np.zeros((48, 48, 2), np.uint8), region, 1.0
    )
    patch = torch.from_numpy(canvas.transpose(2, 0, 1)[None] / np.float32(255))
    trained = corrected(
        patch, split(torch.from_numpy(fields)[None]), torch.from_numpy(region)[None, None]
    )
    lay(canvas, fields, look)
    off = np.abs(canvas / 255.0 - trained[0].numpy().transpose(1, 2, 0))
    assert off.max() < 0.02  # cv2.remap knows 32 steps of a pixel


def test_a_patch_follows_the_face_and_keeps_its_colours(tmp_path: Path) -> None:
    grey = np.full((300, 300, 3), 90, np.uint8)
    view = PatchView(FacePatch(MOUTH.size), grey, portrait())
    look = view.look(grey, opened().landmarks)
    assert look is not None
    assert np.all(view.rest == 90)
    assert np.all(look.picture == 90)
    assert look.masks[..., 0].sum() > 0  # the mouth is open
    assert np.all(look.region[[0, -1]] == 0)
    assert np.all(look.region[:, [0, -1]] == 0)


def test_painters_come_from_one_file(tmp_path: Path) -> None:
    path = tmp_path / "face.safetensors"
    save_painters({"mouth": wild(MOUTH), "eyes": wild(EYES)}, path, {"steps": "3"})
    busy = FacePainters.load(path).of(picture(), portrait())
    canvas = picture(1)
    busy.draw(canvas, opened())
    assert (canvas != picture(1)).any()


def test_a_portrait_without_colours_gets_none() -> None:
    grey = np.repeat(picture()[..., :1], 3, axis=2)
    busy = painters(mouth=wild(MOUTH), eyes=wild(EYES)).of(grey, portrait())
    canvas = grey.copy()
    busy.draw(canvas, opened())
    assert (canvas != grey).any()
    np.testing.assert_allclose(canvas, canvas[..., :1].repeat(3, axis=2), atol=1)


def test_the_engine_lets_painters_correct_its_layers() -> None:
    """Untrained painters change nothing; others change mouth and eyes, and not the portrait."""
    whole = np.full((300, 300), 255, np.uint8)
    source = FacePortrait(picture(), portrait(), whole)
    fresh = painters(mouth=weights_of(FacePainter(MOUTH)))
    rests, pictures = [], []
    for layers in (
        FaceLayers(),
        FaceLayers(painters=fresh),
        FaceLayers(painters=painters(mouth=wild(MOUTH))),
    ):
        animator = FaceAnimator(layers=layers)
        animator.set_source(source, picture())
        animator.calibrate(portrait())
        rests.append(animator.animate(portrait()))
        pictures.append(animator.animate(opened().landmarks))
    np.testing.assert_array_equal(rests[0], rests[2])
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()
