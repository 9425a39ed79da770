"""What the registry promises about every model in it."""

from pathlib import Path

import pytest
import yaml

from avatarify.errors import CheckpointError
from avatarify.zoo.registry import FACE_LANDMARKER, MODELS, PublishedModel, by_name


def test_names_and_files_are_unique() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)
    assert len({model.installed_name for model in MODELS}) == len(MODELS)


@pytest.mark.parametrize("model", [model for model in MODELS if not model.is_shipped])
def test_what_is_downloaded_can_be_checked_and_is_fetched_safely(model: PublishedModel) -> None:
    assert model.fingerprints
    assert all(url.startswith("https://") for url in (*model.mirrors, *model.pages))
    assert all(url.endswith(model.published_name) for url in model.mirrors)
    assert model.needs_conversion == (model.installed_name != model.published_name)


def test_names_are_found() -> None:
    assert by_name("face-landmarker") is FACE_LANDMARKER
    with pytest.raises(CheckpointError, match=r"named vox-512\. Known names: face, compact"):
        by_name("vox-512")


def test_configurations_describe_ten_first_order_keypoints() -> None:
    for model in MODELS:
        if model.config is not None:
            parameters = yaml.safe_load(model.config.read_text())["model_params"]["common_params"]
            assert parameters == {"num_kp": 10, "num_channels": 3, "estimate_jacobian": True}


def test_the_vox_configuration_is_the_published_one(shared: Path) -> None:
    import json

    import numpy as np

    golden = json.loads(str(np.load(shared / "golden" / "fomm-vox.npz")["config"]))
    config = by_name("vox-256").config
    assert config is not None
    assert yaml.safe_load(config.read_text())["model_params"] == golden


def test_the_face_landmarker_is_the_one_that_was_tried(shared: Path) -> None:
    assert FACE_LANDMARKER.fingerprints[0].matches(shared / "models" / "face_landmarker.task")
