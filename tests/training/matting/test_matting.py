"""People are kept and read, batches are drawn alike for a step, runs go on where they were."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from avatarify.animation.face.matte_file import levels_of, read_matte_weights
from avatarify.animation.face.matte_frame import SIDE
from avatarify.cli import main
from avatarify.errors import SettingsError
from avatarify.training.launch import TrainingRun
from avatarify.training.matting.launch import train_matte
from avatarify.training.matting.people import (
    Person,
    _write,
    draw_people,
    read_people,
)
from avatarify.training.matting.rooms import RoomMaker, recoloured
from avatarify.training.matting.sampler import Batch, MatteSampler
from avatarify.training.matting.settings import (
    MatteSettings,
    is_matte_run,
    read_matte_settings,
)
from avatarify.training.matting.trainer import MatteTrainer, matte_error
from tests.training.matting.conftest import MakePerson

CONFIGS = Path(__file__).resolve().parents[3] / "avatarify" / "training" / "configs"
VALIDATION = (
    "pyfeat_2",
    "latentsync_2",
    "lpsource_20",
    "lpsource_29",
    "vretalk_4",
    "aniportrait_solo",
)


def keep(people: list[Person], folder: Path) -> None:
    for person in people:
        _write(folder / f"{person.name}.npz", person.looks)


def test_rendered_people_are_drawn_once_and_read(tmp_path: Path) -> None:
    told: list[str] = []
    draw_people(1, tmp_path, told.append)
    draw_people(1, tmp_path, told.append)
    assert told == ["r_00000"]
    (person,) = read_people(tmp_path)
    assert person.is_drawn
    for look in person.looks:
        nose, chin = look.landmarks[4, :2].astype(int), look.landmarks[152, :2].astype(int)
        assert look.matte[nose[1], nose[0]] == 255
        assert look.here[nose[1], nose[0]] == 255
        assert chin[1] > nose[1]
        assert 0.05 < (look.matte > 127).mean() < 0.7
        far = look.matte == 0
        both = far & (look.here > 0)
        assert np.abs(look.picture[both].astype(int) - look.room[both]).mean() < 3


def test_people_who_are_left_out_are_not_read(make_person: MakePerson, tmp_path: Path) -> None:
    keep([make_person("c_ann"), make_person("s_bob")], tmp_path)
    assert [person.name for person in read_people(tmp_path, ("s_bob",))] == ["c_ann"]
    with pytest.raises(SettingsError, match="holds no people"):
        read_people(tmp_path, ("c_ann", "s_bob"))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "c_ann.npz").write_bytes(b"nothing")
    with pytest.raises(SettingsError, match="c_ann"):
        read_people(tmp_path)


def test_a_step_draws_alike(make_person: MakePerson, settings: MatteSettings) -> None:
    people = [make_person("c_ann"), make_person("r_00001")]
    one, two = (MatteSampler(people, settings).draw(3, 7) for _ in range(2))
    other = MatteSampler(people, settings).draw(3, 8)
    for mine, yours in zip(one, two, strict=True):
        # not to the last bit: sums in memory that lies elsewhere may be rounded otherwise
        assert float((mine - yours).abs().mean()) < 1e-4
    assert float((one.seen - other.seen).abs().mean()) > 1e-2


def test_what_is_drawn_shows_people_where_the_matte_says(
    make_person: MakePerson, settings: MatteSettings
) -> None:
    plain = replace(settings, kept_room_share=1.0, drawn_share=0.0)
    batch = MatteSampler([make_person("c_ann")], plain).draw(8, 0)
    assert batch.seen.shape == (8, 6, SIDE, SIDE)
    grey = batch.seen[:, :3].mean(dim=1, keepdim=True)
    person, room = batch.matte > 0.99, (batch.matte < 0.01) & (batch.here > 0)
    for index in range(8):
        inside = person[index] & (batch.here[index] > 0)
        assert grey[index][inside].mean() > grey[index][room[index]].mean() + 0.2
    assert (batch.seen[:, :3] * (1 - batch.here)).abs().max() == 0
    inside_face = batch.seen[:, 4:5] > 0
    assert batch.matte[inside_face].mean() > 0.97


def test_people_stand_in_many_rooms(make_person: MakePerson, settings: MatteSettings) -> None:
    moved = replace(settings, kept_room_share=0.0)
    batch = MatteSampler([make_person("c_ann")], moved).draw(12, 0)
    room = (batch.matte < 0.01) & (batch.here > 0)
    levels = [float(batch.seen[i, :3][:, room[i, 0]].mean()) for i in range(12)]
    assert np.std(levels) > 0.05


def test_rooms_are_pictures() -> None:
    chance = np.random.default_rng(0)
    maker = RoomMaker([np.full((50, 60, 3), 99, np.uint8)])
    for _ in range(20):
        room = maker.room(chance, lambda: np.array([0.9, 0.5, 0.1]))
        assert room.shape == (SIDE, SIDE, 3)
        assert 0.0 <= room.min() <= room.max() <= 1.0
    assert recoloured(chance, room).shape == room.shape


def test_the_error_counts_people_and_what_is_near_twice() -> None:
    matte = torch.zeros(1, 1, 64, 64)
    matte[..., :20, :] = 1.0
    batch = Batch(torch.zeros(1, 6, 64, 64), matte, torch.ones_like(matte))
    right = 8.0 * (2 * matte - 1)
    near, far = right.clone(), right.clone()
    near[..., 30:32, :] *= -1.0  # within 12 pixels of the person
    far[..., 40:42, :] *= -1.0
    base = matte_error(right, batch)
    assert (matte_error(near, batch) - base) / (matte_error(far, batch) - base) == pytest.approx(
        2.0
    )
    nowhere = batch._replace(here=torch.zeros_like(matte))
    assert matte_error(right, nowhere) == 0.0


def test_a_stopped_run_goes_on_as_if_it_had_not(
    make_person: MakePerson, settings: MatteSettings, tmp_path: Path
) -> None:
    people = [make_person("c_ann"), make_person("s_bob")]
    whole = MatteTrainer(settings, people, tmp_path / "whole")
    whole.train()
    part = MatteTrainer(settings, people, tmp_path / "parts")
    part.train(until=3)
    rest = MatteTrainer(settings, people, tmp_path / "parts")
    assert rest.step == 3
    for name, tensor in part.net.state_dict().items():
        assert torch.equal(tensor, rest.net.state_dict()[name]), name
    mine, yours = (run._optimiser.state_dict()["state"] for run in (part, rest))
    for number, moments in mine.items():
        assert torch.equal(moments["exp_avg"], yours[number]["exp_avg"])
    rest.train()
    assert rest.step == whole.step
    for name, tensor in whole.net.state_dict().items():
        away = (tensor - rest.net.state_dict()[name]).abs().float().mean()
        assert float(away) < 1e-3 * max(1.0, float(tensor.abs().float().mean())), name


def test_a_person_is_learnt(make_person: MakePerson, tmp_path: Path) -> None:
    settings = MatteSettings(
        "people", steps=40, batch=4, widths=(6, 8), rate=1e-2, average=0.8,
        kept_room_share=1.0, drawn_share=0.0, tuning=("c_eve",), measure_every=100,
    )  # fmt: skip
    people = [make_person(name) for name in ("c_ann", "c_bob", "c_eve")]
    trainer = MatteTrainer(settings, people, tmp_path)
    before = trainer.overlap()
    trainer.train()
    assert trainer.overlap() > max(0.6, before + 0.2)


def test_another_run_s_state_is_refused(
    make_person: MakePerson, settings: MatteSettings, tmp_path: Path
) -> None:
    people = [make_person("c_ann")]
    MatteTrainer(settings, people, tmp_path).train(until=1)
    with pytest.raises(SettingsError, match="does not belong"):
        MatteTrainer(replace(settings, widths=(4, 6)), people, tmp_path)


def test_somebody_must_be_left_to_learn_from(
    make_person: MakePerson, settings: MatteSettings, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="nobody is left"):
        MatteTrainer(replace(settings, tuning=("c_ann",)), [make_person("c_ann")], tmp_path)


def test_from_people_to_the_file(
    make_person: MakePerson, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep([make_person("c_ann"), make_person("s_bob")], tmp_path / "people")
    config = tmp_path / "matte.yaml"
    config.write_text(
        f"matte: {{people: {tmp_path / 'people'}, steps: 2, batch: 2, widths: [4, 5], "
        "tuning: [s_bob], measure_every: 1}\n"
    )
    export = tmp_path / "out" / "matte.safetensors"
    with caplog.at_level(logging.INFO):
        arguments = ["--run", str(tmp_path / "run"), "--export", str(export)]
        assert main(["train", str(config), *arguments]) == 0
    assert "tuning overlap" in caplog.text
    assert levels_of(read_matte_weights(export)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "matte: {}",
        "matte: {people: a, steps: 0}",
        "matte: {people: a, average: 1}",
        "matte: {people: a, drawn_share: 2}",
        "matte: {people: a, widths: [4]}",
        "matte: {people: a, nonsense: 1}",
    ],
)
def test_impossible_settings_are_refused(text: str, tmp_path: Path) -> None:
    config = tmp_path / "matte.yaml"
    config.write_text(text)
    with pytest.raises(SettingsError):
        read_matte_settings(config)


def test_the_shipped_recipe_leaves_the_validation_people_out() -> None:
    config = CONFIGS / "matte.yaml"
    assert is_matte_run(config)
    settings = read_matte_settings(config)
    assert {f"c_{name}" for name in VALIDATION} <= set(settings.left_out)
    assert not set(settings.left_out) & set(settings.tuning)


def test_a_run_without_people_says_how_to_make_some(tmp_path: Path) -> None:
    config = tmp_path / "matte.yaml"
    config.write_text(f"matte: {{people: {tmp_path / 'none'}}}\n")
    with pytest.raises(SettingsError, match="--people"):
        train_matte(TrainingRun(config, tmp_path / "run"))


@pytest.mark.parametrize("arguments", [["--people", "--faces"], ["--drawn", "3"]])
def test_options_that_do_not_go_together(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = ["--prepare", str(tmp_path), "--cache", str(tmp_path / "cache")]
    assert main(["train", *folders, *arguments]) == 2
    assert "--drawn goes with --people" in capsys.readouterr().err
