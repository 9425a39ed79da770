"""Every back end paints the shipped model within its bound."""

from collections.abc import Callable

import pytest
import torch

from avatarify.animation.backends.acceptance import APPROXIMATE, EXACT, Bound, complaint
from avatarify.animation.backends.shared_choice import open_shared
from avatarify.animation.backends.torch_cpu import TorchCpuEngine
from avatarify.animation.backends.torch_cuda import TorchCudaEngine
from avatarify.animation.checkpoint import load_model
from avatarify.animation.engine import Engine
from avatarify.animation.torch_engine import TorchEngine
from avatarify.networks.motion_model import MotionModel
from avatarify.zoo.store import find


@pytest.fixture(scope="module")
def model() -> MotionModel:
    path = find("compact.safetensors")
    if path is None:
        pytest.skip("the shipped model is not there")
    return load_model(path)


def _openvino(precision: str) -> Callable[[MotionModel], Engine]:
    def build(model: MotionModel) -> Engine:
        pytest.importorskip("openvino")
        from avatarify.animation.backends.openvino_cpu import OpenVinoEngine

        return OpenVinoEngine(model, precision)

    return build


@pytest.mark.parametrize(
    ("build", "bound"),
    [
        pytest.param(TorchCpuEngine, EXACT, id="torch fp32"),
        pytest.param(lambda model: TorchCpuEngine(model, "bf16"), APPROXIMATE, id="torch bf16"),
        pytest.param(_openvino("fp32"), EXACT, id="openvino fp32"),
        pytest.param(_openvino("bf16"), APPROXIMATE, id="openvino bf16"),
        # The card's code on the CPU, without graphs; its pictures are rounded to 8 bits.
        pytest.param(
            lambda model: TorchCudaEngine(model, "fp32", device=torch.device("cpu")),
            APPROXIMATE,
            id="card fp32",
        ),
    ],
)
def test_a_back_end_paints_the_shipped_model(
    model: MotionModel, build: Callable[[MotionModel], Engine], bound: Bound
) -> None:
    assert complaint(build(model), TorchEngine(model), bound) is None


def test_streams_share_the_shipped_model(model: MotionModel) -> None:
    assert open_shared(model, 2, "cpu").description.note == ""
