"""Published YAML files to our configuration; nothing in them is ignored silently."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from avatarify.animation.published_config import config_from_published, read_published_config
from avatarify.errors import CheckpointError
from avatarify.zoo.registry import VOX_256
from tests.published_checkpoint import golden


def test_vox_256() -> None:
    assert VOX_256.config is not None
    config = read_published_config(VOX_256.config)
    assert config.architecture == "fomm"
    assert (config.keypoints.num_keypoints, config.keypoints.temperature) == (10, 0.1)
    assert [config.keypoints.hourglass.width(level) for level in range(6)] == [
        32, 64, 128, 256, 512, 1024,
    ]  # fmt: skip
    assert (config.image_size, config.output_size) == (256, 256)
    assert config.dense_motion.occlusion_map


def test_monkey_net(shared: Path) -> None:
    config = config_from_published({"model_params": golden(shared, "monkey-vox")["config"]})
    assert config.architecture == "monkey-net"
    assert config.keypoints.covariance == "matrix"
    assert config.keypoints.smallest_variance == 0.001
    assert config.dense_motion.group_blocks == 2
    assert config.dense_motion.correction
    assert (config.generator.keypoint_divisor, config.generator.keypoint_scale_factor) == (
        100,
        0.25,
    )


@pytest.mark.parametrize(
    ("dataset", "size"),
    [
        ({"frame_shape": [128, 128, 3]}, 128),
        ({"image_shape": [384, 384, 3]}, 384),
        ({"augmentation_params": {"crop_param": {"size": [512, 512]}}}, 512),
        ({"root_dir": "data"}, 256),
    ],
)
def test_the_size_of_the_images(dataset: dict[str, Any], size: int) -> None:
    config = config_from_published({**document(), "dataset_params": dataset})
    assert config.image_size == config.output_size == size


def document() -> dict[str, Any]:
    assert VOX_256.config is not None
    content: dict[str, Any] = yaml.safe_load(VOX_256.config.read_text())
    return content


def changed(*path: str, value: object) -> dict[str, Any]:
    content = document()
    section = content["model_params"]
    for key in path[:-1]:
        section = section[key]
    if value is None:
        del section[path[-1]]
    else:
        section[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed("common_params", "num_kp", value=None), "num_kp is missing from common_params"),
        (changed("common_params", "num_kp", value="ten"), "num_kp must be a whole number"),
        (changed("common_params", "num_kp", value=0), "num_keypoints must lie between"),
        (changed("common_params", "estimate_jacobian", value=False), "only True is supported"),
        (changed("common_params", "kp_variance", value="round"), "kp_variance must be"),
        (changed("kp_detector_params", "temperature", value="hot"), "temperature must be a number"),
        (changed("kp_detector_params", "wings", value=2), "kp_detector_params has the unknown key"),
        (changed("generator_params", "skips", value=True), "unknown key skips"),
        (
            changed("generator_params", "dense_motion_params", "bg", value=1),
            "dense_motion_params has the unknown key bg",
        ),
        (changed("generator_params", value=None), "generator_params is missing"),
        ({**document(), "dataset_params": {"frame_shape": [256, 128, 3]}}, "not square"),
        ("a text", "must hold keys and values"),
        ({"model_params": None}, "model_params is missing|must hold"),
    ],
)
def test_what_is_not_understood_is_named(content: object, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        config_from_published(content)


def test_monkey_nets_that_were_never_published_are_refused(shared: Path) -> None:
    params = golden(shared, "monkey-small")["config"]
    params["generator_params"]["interpolation_mode"] = "nearest"
    with pytest.raises(CheckpointError, match=r"interpolation_mode .* 'nearest'"):
        config_from_published(params)


def test_training_sections_do_not_matter() -> None:
    content = document()
    content["model_params"]["discriminator_params"] = {"scales": [1], "use_kp": True}
    content["train_params"] = {"num_epochs": 100}
    assert config_from_published(content) == config_from_published(document())


def test_files_that_are_no_yaml(tmp_path: Path) -> None:
    path = tmp_path / "vox.yaml"
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_published_config(path)
    path.write_text("model_params: [")
    with pytest.raises(CheckpointError, match="not a YAML file"):
        read_published_config(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CheckpointError, match="not a YAML file"):
        read_published_config(path)
