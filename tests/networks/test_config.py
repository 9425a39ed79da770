"""Configurations as they travel inside model files."""

import copy
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from avatarify.geometry.transfer import Span
from avatarify.networks.config import (
    DenseMotionConfig,
    GeneratorConfig,
    HourglassConfig,
    KeypointConfig,
    ModelConfig,
)
from avatarify.networks.config_check import MOST_WEIGHTS
from avatarify.networks.motion_model import build
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


ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 3, 5, 32, 10**9, 10**400, 0.3, 0.5, 1e-9, 1e300, math.nan, math.inf,
    "8", [], [[8, 8, 1]], {},
)  # fmt: skip


def places(values: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Return the way to every value of nested dictionaries."""
    for key, value in values.items():
        yield (*before, key)
        if isinstance(value, dict):
            yield from places(value, (*before, key))


def with_value(values: dict[str, Any], way: tuple[str, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(values)
    inner = changed
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    return changed


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Tiny networks wait longer for other threads than they compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("architecture", ["fomm", "monkey-net", "compact"])
def test_what_is_not_refused_can_be_built_and_run(architecture: str) -> None:
    values = tiny_config(architecture).to_dict()
    accepted = 0
    for way in places(values):
        for odd in ODD:
            try:
                config = ModelConfig.from_dict(with_value(values, way, odd))
            except ValueError:
                continue
            accepted += 1
            if config.output_size > 64 or config.generator.num_residual_blocks > 5:
                continue  # it would run, for long
            model = build(config).eval()
            assert sum(weight.numel() for weight in model.parameters()) < MOST_WEIGHTS
            source, driving = (
                torch.rand(1, 3, side, side) for side in (config.output_size, config.image_size)
            )
            with torch.inference_mode():
                picture = model.animate(model.encode(source), model.detect(driving)).picture
            assert picture.shape == source.shape, (way, odd)
    assert accepted > 20


def test_networks_that_no_memory_holds_are_refused_before_they_are_built() -> None:
    wide = HourglassConfig(4096, 4096, 5)
    fomm = tiny_config("fomm")
    with pytest.raises(ValueError, match="more weights than any model"):
        replace(
            fomm,
            image_size=64,
            output_size=64,
            keypoints=KeypointConfig(wide, 10, scale_factor=0.5),
        )
    with pytest.raises(ValueError, match="too much memory"):
        replace(fomm, image_size=1024, output_size=1024, generator=GeneratorConfig(256, 256, 2, 1))


@pytest.mark.parametrize("content", [[], 3, "fomm", None, {"keypoints": 3}, {"keypoints": []}])
def test_what_is_no_configuration_at_all_is_refused(content: Any) -> None:
    with pytest.raises(ValueError, match="not a model configuration"):
        ModelConfig.from_dict(content)


def test_published_sizes_are_within_the_bounds() -> None:
    for side in (256, 512):
        ModelConfig(
            "fomm",
            KeypointConfig(HourglassConfig(32, 1024, 5), 10),
            DenseMotionConfig(HourglassConfig(64, 1024, 5)),
            GeneratorConfig(64, 512, 2, 6),
            side,
            side,
        )


def test_spans_name_keypoints_that_are_there_each_once() -> None:
    config = tiny_config("fomm")
    with pytest.raises(ValueError, match="not there"):
        replace(config, spans=(Span(0, 3, 1.2),))
    for span in (
        [0, 1],
        [0, 1, "2"],
        [0, 1.5, 2],
        [True, 2, 1],
        [0, 1, math.inf],
        3,
        [0, 1, 2, -1],
    ):
        with pytest.raises(ValueError, match=r"span|configuration"):
            ModelConfig.from_dict({**config.to_dict(), "spans": [span]})
    with pytest.raises(ValueError, match="share a keypoint"):
        replace(config, spans=(Span(0, 1, 1.2), Span(1, 2, 1.2)))


def test_hints_need_a_generator_that_takes_them() -> None:
    compact, fomm = tiny_config("compact"), tiny_config("fomm")
    with pytest.raises(ValueError, match="only the compact generator"):
        replace(fomm, dense_motion=replace(fomm.dense_motion, hint_features=2))
    with pytest.raises(ValueError, match="at the dense motion's size"):
        replace(compact, generator=replace(compact.generator, fold=2))
