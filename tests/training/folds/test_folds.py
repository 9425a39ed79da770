"""The fit finds a law that is known, and says what it is worth on people who were left out."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avatarify.cli import main
from avatarify.errors import OutputError, SettingsError
from avatarify.geometry.skin_folds import usual_folds
from avatarify.training.clip_cache import Clip
from avatarify.training.folds.fit import PersonSeen, explained, fit_folds, see
from avatarify.training.folds.launch import train_folds, write_folds
from avatarify.training.folds.observed import mirrored, observe
from avatarify.training.folds.settings import FoldSettings, is_fold_run, read_fold_settings
from avatarify.training.launch import TrainingRun
from tests.geometry.smiles import smile
from tests.training.folds.conftest import SIZE_OF_SMILE, MakeClip, fold_of, known_shade

CONFIGS = Path(__file__).resolve().parents[3] / "avatarify" / "training" / "configs"
SETTINGS = FoldSettings(("cache",), directions=2, stiffness=0.05, band=2.0)


def write(clip: Clip, folder: Path) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "frames.npy", clip.frames)
    np.save(folder / "landmarks.npy", np.dstack([clip.landmarks, clip.depth]))
    about = {"name": clip.name, "person": clip.person, "fps": 25.0}
    (folder / "clip.json").write_text(json.dumps(about), encoding="utf-8")


def test_a_known_law_is_found(make_clip: MakeClip) -> None:
    folds = fit_folds(see([make_clip()], SETTINGS), SETTINGS)
    linear = folds.directions @ smile(SIZE_OF_SMILE).reshape(-1) @ folds.shades
    true = known_shade(1.0)
    assert np.corrcoef(linear, true)[0, 1] > 0.9
    deepest = true < 0.8 * true.min()
    assert linear[deepest].mean() == pytest.approx(true[deepest].mean(), rel=0.35)


def test_stiffness_shrinks_what_is_found(make_clip: MakeClip) -> None:
    seen = see([make_clip()], SETTINGS)
    loose, stiff = (fit_folds(seen, replace(SETTINGS, stiffness=s)) for s in (0.05, 500.0))
    assert np.abs(stiff.shades).max() < 0.1 * np.abs(loose.shades).max()


def test_people_count_alike_however_many_clips_they_have(make_clip: MakeClip) -> None:
    ann, bob = make_clip("ann", gain=1.0), make_clip("bob", seed=1, gain=0.0)
    once = fit_folds(see([ann, bob], SETTINGS), SETTINGS)
    often = fit_folds(see([ann, bob, bob, bob, bob], SETTINGS), SETTINGS)
    assert np.abs(often.shades).max() > 0.3 * np.abs(once.shades).max()


def test_what_is_worth_nothing_is_said_to_be(make_clip: MakeClip) -> None:
    ann, bob = see([make_clip("ann"), make_clip("bob", seed=1)], SETTINGS)
    other = see([make_clip("eve", seed=2, gain=-1.0)], SETTINGS)[0]
    folds = fit_folds([ann], SETTINGS)
    assert explained(folds, other) < 0.0 < explained(folds, bob)


def test_people_kept_for_validation_and_short_clips_are_not_seen(make_clip: MakeClip) -> None:
    clips = [make_clip("ann"), make_clip("bob"), make_clip("eve", frames=29)]
    seen = see(clips, replace(SETTINGS, excluded_people=("bob",)))
    assert [one.person for one in seen] == ["ann"]


def test_broad_light_is_left_out(make_clip: MakeClip) -> None:
    """Exposure that swings with the smile is no fold."""
    clip = make_clip(gain=0.0)
    widths = np.ptp(clip.landmarks[:, [61, 291], 0], axis=1)
    swing = 1.0 - 0.3 * (widths - widths.min()) / np.ptp(widths)
    lit = replace(clip, frames=(clip.frames * swing[:, None, None, None]).astype(np.uint8))
    looks = observe(lit, 200, 0.3)
    assert looks is not None
    assert looks[0].shade.std() < 0.01


def test_a_mirror_image_smiles_on_the_other_side() -> None:
    left, right = (smile(0.1, (corner,)).reshape(1, -1) for corner in (291, 61))
    np.testing.assert_allclose(mirrored(left), right, atol=2e-3)


def test_the_made_fold_is_where_the_map_is() -> None:
    assert known_shade(1.0).min() < -0.15
    assert fold_of(np.array([[0.33, 0.6]]))[0] == pytest.approx(1.0)


def test_from_clips_to_the_file(
    make_clip: MakeClip, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for person, seed in (("ann", 0), ("bob", 1)):
        write(make_clip(person, seed=seed), tmp_path / "cache" / person)
    config = tmp_path / "folds.yaml"
    cache = tmp_path / "cache"
    config.write_text(f"folds: {{caches: [{cache}], directions: 2, stiffness: 0.05}}\n")
    assert is_fold_run(config)
    with caplog.at_level(logging.INFO):
        assert main(["train", str(config), "--export", str(tmp_path / "out" / "folds.npz")]) == 0
    assert "ann, left out: 0." in caplog.text
    with np.load(tmp_path / "out" / "folds.npz", allow_pickle=False) as file:
        assert file["directions"].shape == (2, 1404)
        assert file["shades"].shape == (2, usual_folds().shades.shape[1])
        assert file["shades"].dtype == np.float16


def test_caches_without_long_clips_are_refused(make_clip: MakeClip, tmp_path: Path) -> None:
    write(make_clip(frames=5), tmp_path / "cache" / "ann")
    config = tmp_path / "folds.yaml"
    config.write_text(f"folds: {{caches: [{tmp_path / 'cache'}]}}\n")
    with pytest.raises(SettingsError, match="long enough"):
        train_folds(TrainingRun(config, tmp_path / "run"))


@pytest.mark.parametrize(
    "text",
    [
        "folds: {}",
        "folds: {caches: []}",
        "folds: {caches: [a], directions: 0}",
        "folds: {caches: [a], stiffness: 0}",
        "folds: {caches: [a], frames: 3}",
        "folds: {caches: [a], nonsense: 3}",
        "folds: 3",
    ],
)
def test_impossible_settings_are_refused(text: str, tmp_path: Path) -> None:
    config = tmp_path / "folds.yaml"
    config.write_text(text)
    with pytest.raises(SettingsError):
        read_fold_settings(config)


def test_the_shipped_recipe_is_one() -> None:
    config = CONFIGS / "skin-folds.yaml"
    assert is_fold_run(config)
    settings = read_fold_settings(config)
    assert len(settings.excluded_people) == 6
    assert settings.directions == len(usual_folds().directions)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_folds(usual_folds(), tmp_path / "file" / "folds.npz")


def test_clips_tell_of_their_people(make_clip: MakeClip) -> None:
    one = see([make_clip("ann")], SETTINGS)[0]
    assert isinstance(one, PersonSeen)
    assert one.looks[0].moved.shape == (60, 1404)
    assert abs(one.looks[0].shade.mean(axis=0)).max() < 1e-9
