"""One YAML file is one run; what is wrong in it is named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from avatarify.errors import SettingsError
from avatarify.training.settings import read_settings, read_values
from tests.tiny_models import tiny_config

CONFIGS = Path(__file__).resolve().parents[2] / "avatarify" / "training" / "configs"


def write(path: Path, **changes: Any) -> Path:
    values = {
        "model": tiny_config("compact").to_dict(),
        "data": {"caches": {"cache": 1.0}},
        **changes,
    }
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return path


MODELS = [path for path in sorted(CONFIGS.glob("*.yaml")) if "model" in read_values(path)]
"""Others train painters or the face tracker's networks."""


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_the_repository_s_configurations_are_valid(path: Path) -> None:
    settings = read_settings(path)
    assert settings.data.caches


def test_values_become_what_they_should_be(tmp_path: Path) -> None:
    path = write(
        tmp_path / "run.yaml",
        guidance={"landmarks": [13, 159, 386], "spans": [[0, 1]]},
        optimiser={"learning_rate": 1, "schedule": "step", "milestones": [10, 20]},
        loss={"adversarial_regions": ["mouth"]},
    )
    settings = read_settings(path)
    assert settings.guidance.landmarks == (13, 159, 386)
    assert settings.guidance.spans == ((0, 1),)
    assert settings.optimiser.milestones == (10, 20)
    assert isinstance(settings.optimiser.learning_rate, float)
    assert settings.loss.adversarial_regions == ("mouth",)
    assert settings.model == tiny_config("compact")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stepz": 1}, "unknown key 'stepz'"),
        ({"loss": {"pixels": 1.0}}, "unknown key 'pixels' in LossSettings"),
        ({"batch": 0}, "batch and steps must be at least 1"),
        ({"precision": "8-mixed"}, "'8-mixed' is not one of 32-true, bf16-mixed, 16-mixed"),
        ({"guidance": {"landmarks": [13]}}, "1 landmarks for another number of keypoints"),
        (
            {"guidance": {"landmarks": [13, 159, 386], "spans": [[0, 3]]}},
            "a span names a keypoint that the guidance does not have",
        ),
        ({"loss": {"exchange": 0.5}}, "exchange needs guidance"),
        ({"loss": {"exchanged_flow": 0.5}}, "exchange needs guidance"),
        (
            {
                "guidance": {"landmarks": [13, 159, 386]},
                "loss": {"exchanged_adversarial": 0.1, "adversarial_regions": ["image"]},
            },
            "exchanged_adversarial looks at mouth and eyes only",
        ),
        ({"model": {"architecture": "compact"}}, "not a model configuration"),
        ({"data": {}}, "caches"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "run.yaml", **changes)
    with pytest.raises(SettingsError, match=message) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("text", ["- a list", "key: [unclosed", "", "just words"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"run\.yaml"):
        read_settings(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        read_settings(tmp_path / "nowhere.yaml")
