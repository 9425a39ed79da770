"""Examples are cut alike from the engine's picture and the camera's, once."""

from pathlib import Path

import numpy as np
import pytest

from avatarify.errors import SettingsError
from avatarify.training.clip_cache import Clip, open_cache
from avatarify.training.painting.examples import PATCHES, examples_of
from tests.training.painting.conftest import MakePainting


def ann(painted_clips: Path) -> Clip:
    return open_cache(painted_clips / "clips")[0]


def test_a_frame_that_does_not_move_makes_no_example(
    painted_clips: Path, make_painting: MakePainting
) -> None:
    clip, data = ann(painted_clips), make_painting().data
    mouths, eyes = (examples_of(clip, part, data) for part in PATCHES)
    assert 0 < len(mouths.source) <= 2 * 4  # of two portraits, each to four frames
    assert 0 < len(eyes.source) <= 2 * 2 * 4  # and two eyes
    assert len(mouths.rest) == 2
    assert len(eyes.rest) == 4
    assert eyes.picture.shape[1:] == (48, 64, 3)
    assert mouths.source.max() < 2


def test_the_edge_of_a_patch_never_changes(
    painted_clips: Path, make_painting: MakePainting
) -> None:
    region = examples_of(ann(painted_clips), "mouth", make_painting().data).region
    assert not region[:, [0, -1]].any()
    assert not region[:, :, [0, -1]].any()
    assert region.max() > 200


def test_the_target_is_the_cameras_picture(
    painted_clips: Path, make_painting: MakePainting
) -> None:
    """Every target is one of the clip's frames, cut where its mouth is."""
    clip = ann(painted_clips)
    examples = examples_of(clip, "mouth", make_painting().data)
    # The patch is 125 pixels wide, 1.3 of the picture for each of its own; its middle is the mean
    # of the outer lips, (199.5, 259.5) as OpenCV counts.
    middles = clip.frames[:, 259:261, 199:201].mean(axis=(1, 2))
    for target in examples.target:
        middle = target[47:49, 47:49].mean(axis=(0, 1))
        assert np.abs(middles - middle).max(axis=1).min() < 3.0


def test_examples_are_made_once_and_refused_when_broken(
    tmp_path: Path, painted_clips: Path, make_painting: MakePainting
) -> None:
    from dataclasses import replace

    clip = ann(painted_clips)
    data = replace(make_painting().data, examples=str(tmp_path))
    first = examples_of(clip, "mouth", data)
    path = tmp_path / "ann.mouth.npz"
    made = path.stat().st_mtime_ns
    second = examples_of(clip, "mouth", data)
    assert path.stat().st_mtime_ns == made
    np.testing.assert_array_equal(first.picture, second.picture)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(SettingsError, match="Delete it"):
        examples_of(clip, "mouth", data)
