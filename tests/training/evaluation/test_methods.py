"""The baselines, and how still each method keeps."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.checkpoint import save_model
from avatarify.animation.torch_engine import TorchEngine
from avatarify.frames import Image
from avatarify.networks.keypoint_detector import KeypointDetector
from avatarify.tracking.face import Face
from avatarify.training.evaluation.methods import (
    DO_NOTHING,
    MODEL,
    ZERO_ORDER,
    Animated,
    DoNothing,
    WithoutJacobians,
    load_methods,
)
from avatarify.training.evaluation.sight import Sight
from avatarify.training.evaluation.stillness import flicker, rest_psnr_db
from tests.tiny_models import picture, tiny_config, tiny_model

FACE = Face(np.zeros((478, 3), np.float32), np.zeros(52, np.float32))


def sight(seed: int) -> Sight:
    return Sight(picture(seed, 64), FACE)


def find_nothing(image: Image) -> Face | None:
    return None


def test_zero_order_sees_the_same_places_and_no_turns() -> None:
    detector = KeypointDetector(tiny_config("compact").keypoints).eval()
    assert detector.jacobian_head is not None
    torch.nn.init.normal_(detector.jacobian_head.weight)
    image = torch.rand(1, 3, 32, 32)
    found, flat = detector(image), WithoutJacobians(detector)(image)
    assert torch.equal(found.value, flat.value)
    assert torch.equal(flat.jacobian, torch.eye(2).expand(1, 3, 2, 2))
    assert not torch.allclose(found.jacobian, flat.jacobian, atol=0.1)


@pytest.mark.parametrize(
    ("architecture", "names"),
    [("compact", [MODEL, ZERO_ORDER, DO_NOTHING]), ("monkey-net", [MODEL, DO_NOTHING])],
)
def test_methods_of_a_model(tmp_path: Path, architecture: str, names: list[str]) -> None:
    path = tmp_path / "model.safetensors"
    save_model(tiny_model(architecture), path)
    methods = load_methods(path, "cpu")
    assert [method.name for method in methods] == names
    for method in methods:
        method.start(sight(0), sight(1))
        (shown,) = method.perform([sight(2)])
        assert shown.shape == method.still().shape


def test_nothing_is_done_well() -> None:
    method = DoNothing()
    method.start(sight(0), sight(1))
    assert all(shown is method.still() for shown in method.perform([sight(2)] * 2))
    assert rest_psnr_db(method, sight(1)) == 99.0
    assert flicker(method, sight(1), find_nothing) == 0.0


class Mirror:
    """Shows the driver, so that all of the input's noise arrives."""

    name = "mirror"

    def __init__(self) -> None:
        self.seen: list[Sight] = []

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Do nothing."""

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Yield what comes."""
        self.seen += driving
        for sight in driving:
            yield sight.picture

    def still(self) -> Image:
        """Return something."""
        return picture(0, 64)


@pytest.mark.parametrize("side", [64, 512])
def test_a_mirror_flickers_as_much_as_its_input(side: int) -> None:
    pose = Sight(picture(1, side), FACE)
    assert flicker(Mirror(), pose, find_nothing) == pytest.approx(1.0)


def test_a_method_that_wants_landmarks_gets_those_of_the_noisy_pictures() -> None:
    mirror, sizes = Mirror(), []

    def find(image: Image) -> Face:
        sizes.append(image.shape)
        return Face(np.full((478, 3), len(sizes), np.float32), np.zeros(52, np.float32))

    flicker(mirror, sight(1)._replace(time_s=2.0), find)
    assert sizes == [(512, 512, 3)] * 10
    assert [seen.face.landmarks[0, 0] for seen in mirror.seen] == list(range(1, 11))
    assert [seen.time_s for seen in mirror.seen[:3]] == pytest.approx([2.0, 2 + 1 / 30, 2 + 2 / 30])


def test_the_model_rests_at_the_reference_frame() -> None:
    method = Animated(PortraitAnimator(TorchEngine(tiny_model("compact"))))
    method.start(sight(0), sight(1))
    assert rest_psnr_db(method, sight(1)) > 35.0
