"""Configurations as they travel inside model files."""

import json
from dataclasses import replace

import pytest

from avatarify.geometry.transfer import Span
from avatarify.networks.config import HourglassConfig, KeypointConfig, ModelConfig
from tests.tiny_models import tiny_config


@pytest.mark.parametrize("architecture", ["fomm", "monkey-net", "compact"])
def test_round_trip_through_json(architecture: str) -> None:
    config = tiny_config(architecture)
    assert ModelConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_features_double_up_to_the_maximum() -> None:
    hourglass = HourglassConfig(block_expansion=8, max_features=20, num_blocks=3)
    assert [hourglass.width(level) for level in range(4)] == [8, 16, 20, 20]


def test_unknown_and_missing_keys_are_refused() -> None:
    values = tiny_config("fomm").to_dict()
    with pytest.raises(ValueError, match="wings"):
        ModelConfig.from_dict({**values, "wings": 2})
    with pytest.raises(ValueError, match="generator"):
        ModelConfig.from_dict({key: values[key] for key in values if key != "generator"})
    with pytest.raises(ValueError, match="not a model configuration"):
        ModelConfig.from_dict({**values, "keypoints": None})


def test_impossible_values_are_refused() -> None:
    with pytest.raises(ValueError, match="num_blocks"):
        HourglassConfig(8, 8, 0)
    with pytest.raises(ValueError, match="temperature"):
        KeypointConfig(HourglassConfig(8, 8, 1), 3, temperature=0.0)
    with pytest.raises(ValueError, match="scale_factor"):
        KeypointConfig(HourglassConfig(8, 8, 1), 3, scale_factor=2.0)


def test_spans_name_keypoints_that_are_there_each_once() -> None:
    config = tiny_config("fomm")
    with pytest.raises(ValueError, match="not there"):
        replace(config, spans=(Span(0, 3, 1.2),))
    with pytest.raises(ValueError, match="share a keypoint"):
        replace(config, spans=(Span(0, 1, 1.2), Span(1, 2, 1.2)))


def test_hints_need_a_generator_that_takes_them() -> None:
    compact, fomm = tiny_config("compact"), tiny_config("fomm")
    with pytest.raises(ValueError, match="only the compact generator"):
        replace(fomm, dense_motion=replace(fomm.dense_motion, hint_features=2))
    with pytest.raises(ValueError, match="at the dense motion's size"):
        replace(compact, generator=replace(compact.generator, fold=2))
