"""The baselines, and how still each method keeps."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.checkpoint import save_model
from avatarify.animation.torch_engine import TorchEngine
from avatarify.frames import Image
from avatarify.networks.keypoint_detector import KeypointDetector
from avatarify.training.evaluation.methods import (
    DO_NOTHING,
    MODEL,
    ZERO_ORDER,
    Animated,
    DoNothing,
    WithoutJacobians,
    load_methods,
)
from avatarify.training.evaluation.stillness import flicker, rest_psnr_db
from tests.tiny_models import picture, tiny_config, tiny_model


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
        method.start(picture(0, 64), picture(1, 64))
        (shown,) = method.perform([picture(2, 64)])
        assert shown.shape == method.still().shape


def test_nothing_is_done_well() -> None:
    method = DoNothing()
    method.start(picture(0, 64), picture(1, 64))
    assert all(shown is method.still() for shown in method.perform([picture(2, 64)] * 2))
    assert rest_psnr_db(method, picture(1, 64)) == 99.0
    assert flicker(method, picture(1, 64)) == 0.0


class Mirror:
    """Shows the driver, so that all of the input's noise arrives."""

    name = "mirror"

    def start(self, portrait: Image, reference: Image) -> None:
        """Do nothing."""

    def perform(self, driving: Sequence[Image]) -> Iterator[Image]:
        """Yield what comes."""
        yield from driving

    def still(self) -> Image:
        """Return something."""
        return picture(0, 64)


def test_a_mirror_flickers_as_much_as_its_input() -> None:
    assert flicker(Mirror(), picture(1, 64)) == pytest.approx(1.0)


def test_the_model_rests_at_the_reference_frame() -> None:
    method = Animated(PortraitAnimator(TorchEngine(tiny_model("compact"))))
    method.start(picture(0, 64), picture(1, 64))
    assert rest_psnr_db(method, picture(1, 64)) > 35.0
