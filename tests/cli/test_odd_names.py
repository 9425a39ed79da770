"""Names that are too long, impossible or no text: one line and exit 1, or they work."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from avatarify import cli
from avatarify.animation.portable_file import save_model
from avatarify.media.image_file import write_image
from avatarify.media.motion_file import write_motion
from tests.drivers import made_motion, write_small_portrait
from tests.odd_names import IMPOSSIBLE, NOT_TEXT, legal, only_where_names_are_bytes
from tests.tiny_models import tiny_model


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an avatar and motion, and nothing of the machine's user."""
    for name in ("CONFIG", "AVATARS", "MODELS"):
        monkeypatch.setenv(f"AVATARIFY_{name}", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    write_small_portrait(Path("a.png"), share=0.25)
    write_motion(Path("m.npz"), made_motion(2))
    return tmp_path


WORDS = {
    "avatar": ("animate", "--avatar=NAME.png", "--driving=m.npz", "--output=o/"),
    "motion": ("animate", "--avatar=a.png", "--driving=NAME.npz", "--output=o/"),
    "clip": ("animate", "--avatar=a.png", "--driving=NAME.mp4", "--output=o/"),
    "background": (
        "animate", "--avatar=a.png", "--driving=m.npz", "--output=o/", "--background=NAME.png",
    ),
    "video": ("animate", "--avatar=a.png", "--driving=m.npz", "--output=NAME.mp4"),
    "alpha": ("animate", "--avatar=a.png", "--driving=m.npz", "--output=NAME.webm"),
    "folder": ("animate", "--avatar=a.png", "--driving=m.npz", "--output=NAME/"),
    "model": ("animate", "--avatar=a.png", "--driving=a.png", "--output=o/", "--model=NAME.pth"),
    "live avatar": ("run", "--avatar=NAME.png", "--camera=m.npz", "--output=none"),
    "camera": ("run", "--avatar=maya", "--camera=NAME.npz", "--output=none"),
    "statistics": (
        "run", "--avatar=maya", "--camera=m.npz", "--output=none", "--stats=NAME.json",
    ),
    "explained": ("explain", "--avatar=a.png", "--driving=m.npz", "--output=NAME.png"),
    "tracked": ("track", "a.png", "--output=NAME.npz"),
    "tracker": ("track", "a.png", "--output=t.npz", "--tracker=NAME.safetensors"),
    "described": ("models", "info", "NAME.safetensors"),
    "imported": ("models", "import", "NAME.tar"),
    "rendered": ("render", "--output=NAME", "--clips=1", "--frames=1", "--size=32"),
    "thumbnails": ("cameras", "--thumbnails=NAME"),
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_an_impossible_name_is_one_line(
    words: tuple[str, ...], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([word.replace("NAME", name) for word in words]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if "frames/s" not in line]
    assert lines[-1].startswith("avatarify: ")
    assert len(lines[-1]) < 1000
    assert not any("Traceback" in line for line in lines)


@pytest.mark.parametrize("name", legal("m.npz"))
def test_a_legal_name_works_for_all_that_animate_reads_and_writes(name: str, place: Path) -> None:
    cut = name.removesuffix("m.npz")
    for old, new in (("a.png", f"{cut}.png"), ("a.npz", f"{cut}.npz")):
        shutil.copyfile(old, new)
    Path("m.npz").rename(name)
    words = ("animate", f"--avatar={cut}.png", f"--driving={name}")
    assert cli.main([*words, f"--output={cut}.mp4"]) == 0
    assert cli.main([*words, f"--output={cut}/"]) == 0
    assert Path(f"{cut}.mp4").stat().st_size > 1000
    assert len(list(Path(cut).iterdir())) == 2


@only_where_names_are_bytes
def test_a_model_whose_name_is_no_text_is_described_imported_and_run(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{NOT_TEXT}.safetensors"
    save_model(tiny_model("fomm"), Path(name))
    write_image(Path("d.png"), np.full((64, 64, 3), 90, np.uint8))
    assert cli.main(["models", "info", name]) == 0
    assert "fomm" in capsys.readouterr().out
    assert cli.main(["models", "import", name]) == 0
    assert [path.name for path in (place / "models").iterdir()] == [name]
    words = ("--avatar=a.png", "--driving=d.png", f"--model={name}", "--crop=none")
    assert cli.main(["animate", *words, "--output=o/", "--backend=reference"]) == 0


def test_the_same_folder_is_not_filled_twice(place: Path) -> None:
    words = ["animate", "--avatar=a.png", "--driving=m.npz", f"--output={NOT_TEXT}/"]
    assert cli.main(words) == 0
    assert cli.main(words) == 1
    Path(NOT_TEXT, "000000.png").unlink()
    Path(NOT_TEXT, "000001.png").unlink()
    assert cli.main(words) == 0


def test_an_output_without_a_name_writes_nothing(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name for path in place.iterdir()} | {"logs"}
    assert cli.main(["animate", "--avatar=a.png", "--driving=m.npz", "--output="]) == 1
    assert "has no name" in capsys.readouterr().err
    assert {path.name for path in place.iterdir()} <= before
